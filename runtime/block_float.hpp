// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "kernels/block_float.hpp"
#include "runtime/dtype.hpp"

namespace ttx {

/// Values of a block float that share an exponent: neighbours in one row.
inline constexpr std::int64_t kBlockFloatGroup = kernels::kGroupSize;

/// How the kernels call BFLOAT8_B and BFLOAT4_B. Throws Error on another type.
kernels::BlockFloat block_float_of(DataType dtype);

/// Sixteen values as Tenstorrent's host packer leaves them.
struct BlockFloatGroup {
  std::uint8_t exponent = 0;                           ///< the greatest exponent field among the values
  std::array<std::uint8_t, kBlockFloatGroup> codes{};  ///< sign << 7 | number of 7 bits, or << 3 | 3 bits
  friend bool operator==(const BlockFloatGroup&, const BlockFloatGroup&) = default;
};

/// Packs fp32 values bit for bit as tt-metal's host packer does (tt_metal/impl/data_format, since 2025): the
/// significand, with the leading one that a denormal gets too, is shifted right by the distance to the
/// greatest exponent, losing what falls off; then rounded to nearest even and stopped at the largest number.
/// There is no negative zero. An infinity or NaN makes the exponent 255.
BlockFloatGroup pack_block_float(std::span<const float, kBlockFloatGroup> values, DataType dtype);

/// The values: number * 2^(E - 133), or * 2^(E - 129) for BFLOAT4_B; +0 below 2^-126. With E = 255 a number
/// of the full length is an infinity or a NaN, by its bits.
std::array<float, kBlockFloatGroup> unpack_block_float(const BlockFloatGroup& group, DataType dtype);

}  // namespace ttx
