// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <span>
#include <vector>

#include "ccl/mesh_device.hpp"
#include "runtime/bfloat16.hpp"
#include "runtime/tensor.hpp"

/// Terms of sums that every rank can make for every device, and the slow way to add them.
namespace ttx::test {

/// The same on every rank; splitmix64.
inline std::uint64_t hash(std::uint64_t x) {
  x += 0x9E3779B97F4A7C15U;
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

/// Magnitudes from 2^-12 to 2^12 and both signs. In every fourth value small terms stand beside a large one
/// that device 2 takes back, so that from four devices on the order of the additions shows even after
/// rounding to bfloat16.
inline float term(std::uint64_t seed, int device, std::size_t index) {
  const std::uint64_t h = hash(hash(seed * 64 + static_cast<std::uint64_t>(device)) + index);
  const auto fraction = static_cast<float>(h >> 40) * 0x1p-24F + 1.0F;
  const bool order_shows = index % 4 == 1;
  const int exponent = order_shows ? static_cast<int>(h % 7) - 6 : static_cast<int>(h % 25) - 12;
  const float small = std::ldexp(((h >> 30) & 1U) != 0 ? -fraction : fraction, exponent);
  const float large = device == 0 ? 0x1p20F : device == 2 ? -0x1p20F : 0.0F;
  return order_shows ? large + small : small;
}

inline std::vector<float> terms_of(std::uint64_t seed, int device, std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    values[i] = term(seed, device, i);
  }
  return values;
}

/// A power of two is halved, any other count is cut at the largest power of two below it.
inline float tree(std::span<const float> terms) {
  if (terms.size() == 1) {
    return terms[0];
  }
  const std::size_t cut = std::bit_floor(terms.size() - 1);
  return tree(terms.first(cut)) + tree(terms.subspan(cut));
}

inline std::vector<std::uint16_t> bits_of(std::span<const bfloat16> values) {
  std::vector<std::uint16_t> bits;
  for (const bfloat16 value : values) {
    bits.push_back(value.bits);
  }
  return bits;
}

/// What all_reduce must give, from scratch.
inline std::vector<std::uint16_t> expected_sum(std::uint64_t seed, int devices, std::size_t count) {
  std::vector<std::uint16_t> bits(count);
  std::vector<float> terms(static_cast<std::size_t>(devices));
  for (std::size_t i = 0; i < count; ++i) {
    for (int device = 0; device < devices; ++device) {
      terms[static_cast<std::size_t>(device)] = term(seed, device, i);
    }
    bits[i] = to_bfloat16(tree(terms)).bits;
  }
  return bits;
}

/// This device's terms as a tensor.
inline Tensor partial(MeshDevice& mesh, const Shape& shape, std::uint64_t seed) {
  Tensor tensor = Tensor::rows(mesh, shape, DataType::FLOAT32, Layout::TILE, Placement::partial());
  const std::span<float> values = tensor.mutable_f32();
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = term(seed, mesh.line_index(), i);
  }
  return tensor;
}

/// A mesh of all ranks: two rows where that is possible. The transport is that of TTX_CCL, which ctest sets
/// for tests that run with several.
inline std::shared_ptr<MeshDevice> open_whole_mesh(const ccl::Communicator& world, int threads = 1) {
  const int rows = world.size() % 2 == 0 ? 2 : 1;
  return open_mesh_device(world, {rows, world.size() / rows}, threads, ccl::default_transport());
}

}  // namespace ttx::test
