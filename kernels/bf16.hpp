// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace ttx::kernels {

/// A bfloat16 as it lies in memory: the upper half of an fp32. No arithmetic: kernels widen, compute in fp32,
/// round.
struct Bf16 {
  std::uint16_t bits;
  friend bool operator==(Bf16, Bf16) = default;
};

}  // namespace ttx::kernels
