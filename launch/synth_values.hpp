// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "runtime/dtype.hpp"

namespace ttx::launch {

/// A mixed 64-bit number (splitmix64's finaliser): neighbours give unrelated results.
std::uint64_t mix(std::uint64_t x);

/// Where the random numbers of one tensor begin: depends on the seed and the name, on no other tensor.
std::uint64_t stream_of(std::uint64_t seed, std::string_view name);

/// Values of a synthetic tensor: value i is mean + deviation * n(i), n(i) bell-shaped with variance 1 and
/// within 3.46 of 0. It depends on `stream` and i alone, so any cut of a tensor over threads or pieces gives
/// the same bytes, on every machine. Numbers are made in blocks of 4096: 32 xorshift generators side by side,
/// started from `stream` and the block's number; each step adds the four bytes of its state, and takes finer
/// digits from the state before. A core makes about 3 GB/s of bfloat16 so, with nothing but SSE2.
struct SynthValues {
  static constexpr std::size_t kBlock = 4096;

  std::uint64_t stream = 0;
  float mean = 0.0F;
  float deviation = 1.0F;

  /// Values first, first + 1, ... to fill `out`, whose length is a multiple of the element size; rounded to
  /// nearest even. BFLOAT16, FLOAT16 or FLOAT32; throws Error on others.
  void fill(DataType dtype, std::uint64_t first, std::span<std::byte> out) const;
};

}  // namespace ttx::launch
