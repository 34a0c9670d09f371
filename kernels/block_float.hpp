// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/linear.hpp"

namespace ttx::kernels {

/// The block floats: 16 neighbouring values share the largest exponent field E among them and keep a sign and
/// a whole number each, of 7 bits in bfloat8_b and of 3 bits in bfloat4_b.
///
/// A value is number * 2^(E - 133), or number * 2^(E - 129) with 3 bits; below 2^-126 it is +0, and so there
/// is no negative zero. With E = 255 a number of the full length is an infinity or a NaN, by its bits. Every
/// value is a bfloat16.
enum class BlockFloat { k8, k4 };

/// Values that share an exponent.
inline constexpr std::int64_t kGroupSize = 16;

/// Packed weights lie in panels of 32 output columns, a panel in chunks of 16 pairs of k, a chunk as
///   - 64 exponents [2 groups of 16 columns][16 pairs][2 k], then
///   - 16 lines of numbers: in bfloat8_b [32 columns][2 k] signed bytes, in bfloat4_b [32 columns] bytes with
///     two signed nibbles, the even k in the low one.
/// Columns beyond N and all k beyond K are zeros. A group whose greatest exponent field is 0 has no values
/// but zero: its numbers are zeros and its exponent says 133, which is as good as any other and never
/// strange.
inline constexpr std::int64_t kChunkPairs = 16;
inline constexpr std::int64_t kGroupExponents = 2 * kChunkPairs;
inline constexpr std::int64_t kChunkExponents = 2 * kGroupExponents;
inline constexpr std::uint8_t kZeroExponent = 133;

constexpr std::int64_t line_bytes(BlockFloat format) {
  return format == BlockFloat::k8 ? 2 * kPanelColumns : kPanelColumns;
}
constexpr std::int64_t chunk_bytes(BlockFloat format) {
  return kChunkExponents + kChunkPairs * line_bytes(format);
}
/// Bytes of one panel, and so the distance from a panel to the next. A multiple of 64.
constexpr std::int64_t block_float_panel_bytes(std::int64_t k, BlockFloat format) {
  return (pair_count(k) + kChunkPairs - 1) / kChunkPairs * chunk_bytes(format);
}

/// A linear over a packed weight: the bits are those of `linear` over the same values as bf16.
struct BlockFloatLinearCall {
  LinearCall linear;  ///< all but its panels
  const std::uint8_t* panels = nullptr;
  BlockFloat format = BlockFloat::k8;
};

/// Packs the columns of one panel, as PackPanelCall does: a group is 16 columns at one k. Numbers are rounded
/// to nearest even and stop at the largest one.
struct PackBlockFloatCall {
  const Bf16* w = nullptr;
  std::int64_t w_stride = 0;
  std::int64_t columns = 0;
  std::int64_t k = 0;
  BlockFloat format = BlockFloat::k8;
  std::uint8_t* panel = nullptr;  ///< block_float_panel_bytes(k, format)
};

/// Rounds a row through the format in groups of 16, the last one filled up with zeros.
struct ThroughBlockFloatCall {
  const Bf16* x = nullptr;
  std::int64_t count = 0;
  BlockFloat format = BlockFloat::k8;
  Bf16* out = nullptr;  ///< may be x
};

}  // namespace ttx::kernels
