// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/bf16.hpp"
#include "tests/kernels/reference.hpp"

namespace ttx::test {

using kernels::Bf16;

/// Reproducible values, the same with every compiler and library (splitmix64).
class Samples {
 public:
  explicit Samples(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return z ^ (z >> 31U);
  }
  std::int64_t below(std::int64_t limit) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(limit));
  }
  /// Uniform in [-1, 1), 24 bits.
  float uniform() {
    return static_cast<float>(static_cast<std::int64_t>(next() >> 40U) - (1 << 23)) * 0x1p-23F;
  }
  /// About normal: the sum of four uniforms.
  float normal() { return (uniform() + uniform()) + (uniform() + uniform()); }

  /// Zeros, denormals, and magnitudes whose products fall beside 2^-126, among ordinary values.
  Bf16 beside_underflow() {
    const auto sign = static_cast<std::uint16_t>(next() & 0x8000U);
    const auto mantissa = static_cast<std::uint16_t>(next() & 0x7FU);
    switch (next() % 8) {
      case 0:
        return {sign};
      case 1:
        return {static_cast<std::uint16_t>(sign | mantissa)};
      case 2:
        return {static_cast<std::uint16_t>(sign | (1U << 7U) | mantissa)};
      case 3:
        return {static_cast<std::uint16_t>(sign | 0x3F80U | mantissa)};
      default: {
        const auto exponent = static_cast<unsigned>(127 - 63 - 3 + below(6));
        return {static_cast<std::uint16_t>(sign | exponent << 7U | mantissa)};
      }
    }
  }
  /// Any 16 bits: infinities and NaNs too.
  Bf16 any_bits() { return {static_cast<std::uint16_t>(next())}; }

  std::vector<Bf16> normal_vector(std::int64_t count, float scale = 1.0F) {
    std::vector<Bf16> values(static_cast<std::size_t>(count));
    for (Bf16& value : values) {
      value = reference::round(normal() * scale);
    }
    return values;
  }
  template <class Draw>
  static std::vector<Bf16> vector(std::int64_t count, const Draw& draw) {
    std::vector<Bf16> values(static_cast<std::size_t>(count));
    for (Bf16& value : values) {
      value = draw();
    }
    return values;
  }

 private:
  std::uint64_t state_;
};

}  // namespace ttx::test
