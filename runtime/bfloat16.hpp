// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "kernels/bf16.hpp"

namespace ttx {

using bfloat16 = kernels::Bf16;

/// Exact.
inline float to_float(bfloat16 x) { return std::bit_cast<float>(static_cast<std::uint32_t>(x.bits) << 16); }

/// Nearest even; denormals become a zero of the same sign, every NaN 0x7FC0: the rule of all kernels, for
/// single values.
inline bfloat16 to_bfloat16(float x) {
  const auto u = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t exponent = u & 0x7F800000U;
  if (exponent == 0) {
    return {static_cast<std::uint16_t>((u >> 16) & 0x8000U)};
  }
  if (exponent == 0x7F800000U && (u & 0x007FFFFFU) != 0) {
    return {0x7FC0};
  }
  return {static_cast<std::uint16_t>((u + 0x7FFFU + ((u >> 16) & 1U)) >> 16)};
}

}  // namespace ttx
