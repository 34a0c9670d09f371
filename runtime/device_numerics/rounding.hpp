// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstdint>

#include "runtime/bfloat16.hpp"

/// The arithmetic of a Wormhole chip for Numerics::kDevice, as far as Tenstorrent's ISA documentation
/// (Wormhole B0: MatrixUnit, MVMUL, Packers) and tt-metal's sources and issues determine it. What they leave
/// open is chosen here, and each header says which that is. Plain fp32 code: no result depends on threads or
/// on the instruction set; what depends on how a tensor is cut over devices does so on the hardware too.
///
/// This file: how a value is rounded.
///   - Operands: denormals are zeros.
///   - Packer, fp32 to bfloat16: nearest, ties away from zero; denormals become +0, a NaN an infinity (the
///     ISA documentation's table; its sign is open: here +).
///   - Dst of bfloat16 (fp32_dest_acc_en off): every sum is rounded to TF32, ten bits of fraction, and
///     then to bfloat16, both with ties away from zero (tt-metal #46101).
///   - Dst of fp32: how a sum is rounded is open; nearest even.
namespace ttx::device_numerics {

inline constexpr std::uint32_t kExponentBits = 0x7F800000U;
inline constexpr std::uint32_t kMagnitudeBits = 0x7FFFFFFFU;

/// +0 for a denormal.
inline float flushed(float x) {
  const auto u = std::bit_cast<std::uint32_t>(x);
  return (u & kExponentBits) == 0 && (u & kMagnitudeBits) != 0 ? 0.0F : x;
}

/// An operand of a unit.
inline float operand(bfloat16 x) { return flushed(to_float(x)); }

/// To the nearest value with `kDropped` low bits of fp32's fraction zero, ties away from zero. Denormals
/// become +0; infinities and NaN stay.
template <int kDropped>
float nearest_away(float x) {
  const auto u = std::bit_cast<std::uint32_t>(x);
  if ((u & kExponentBits) == kExponentBits || (u & kMagnitudeBits) == 0) {
    return x;
  }
  if ((u & kExponentBits) == 0) {
    return 0.0F;
  }
  constexpr std::uint32_t kHalf = 1U << (kDropped - 1);
  return std::bit_cast<float>((u + kHalf) & ~(2 * kHalf - 1));
}

/// One rounding to bfloat16: of the packer, and so of a product or a function.
inline float to_bf16_once(float x) { return nearest_away<16>(x); }

/// A sum as Dst keeps it.
inline float to_dest(float x, bool fp32_dest) {
  return fp32_dest ? flushed(x) : to_bf16_once(nearest_away<13>(x));
}

/// What the packer writes.
inline bfloat16 packed(float x) {
  const auto u = std::bit_cast<std::uint32_t>(to_bf16_once(x));
  const bool is_nan = (u & kMagnitudeBits) > kExponentBits;
  return {static_cast<std::uint16_t>((is_nan ? kExponentBits : u) >> 16)};
}

/// An intermediate tensor: packed, and unpacked again.
inline float through_pack(float x) { return to_float(packed(x)); }

}  // namespace ttx::device_numerics
