// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "kernels/bf16.hpp"

namespace ttx::kernels {

/// Packed weights lie in panels of 32 output columns with the K pairs interleaved:
/// [ceil(N/32)][ceil(K/2)][32][2]. Columns beyond N and the odd half of a last pair are zeros.
inline constexpr std::int64_t kPanelColumns = 32;

constexpr std::int64_t panel_count(std::int64_t n) { return (n + kPanelColumns - 1) / kPanelColumns; }
constexpr std::int64_t pair_count(std::int64_t k) { return (k + 1) / 2; }
/// Elements of one panel, and so the distance from a panel to the next.
constexpr std::int64_t panel_elements(std::int64_t k) { return pair_count(k) * 2 * kPanelColumns; }

/// K cut into consecutive blocks that are accumulated apart, from zero, and then added in the balanced tree
/// ((b0+b1)+(b2+b3))+((b4+b5)+(b6+b7)). `end[i]` is the first k after block i; all but the last are even; the
/// last is K. `count` is 1, 2, 4 or 8. Column-parallel weights have one block; row-parallel ones the blocks
/// of the 8-device plan that this device holds.
struct KBlocks {
  std::array<std::int64_t, 8> end{};
  int count = 1;
};

/// One linear: out[m][n] = sum over k of x[m][k] * w[n][k], plus bias[n] if there is one, for the columns of
/// panels [first_panel, last_panel).
///
/// Order: per output one fp32 accumulator per block, pairs of k in order, a pair is fma(even, fma(odd, acc))
/// with denormals flushed; then the tree over blocks. The bits depend on K and the blocks only, not on m, the
/// panel range, or the instruction set. Exactly one of out_f32 and out_bf16 is set; bf16 is rounded to
/// nearest even. The bias is added last, in fp32, before that rounding.
struct LinearCall {
  const Bf16* x = nullptr;  ///< [m][k], row stride x_stride; read when m == 1
  std::int64_t x_stride = 0;
  std::int64_t m = 0;
  const Bf16* packed_x = nullptr;  ///< what pack_rows made of x; read when m > 1, may be null when m == 1
  const Bf16* panels = nullptr;    ///< all panels of the weight
  std::int64_t n = 0;
  std::int64_t k = 0;
  KBlocks blocks;
  std::int64_t first_panel = 0;
  std::int64_t last_panel = 0;
  const Bf16* bias = nullptr;  ///< [n], or null
  float* out_f32 = nullptr;    ///< [m][n], row stride out_stride
  Bf16* out_bf16 = nullptr;
  std::int64_t out_stride = 0;
};

/// Rows are repacked in tiles of kRowTile for m > 1: [ceil(m/kRowTile)][ceil(k/2)][kRowTile][2], rows beyond
/// m zero.
inline constexpr std::int64_t kRowTile = 12;
constexpr std::int64_t row_tile_count(std::int64_t m) { return (m + kRowTile - 1) / kRowTile; }
constexpr std::int64_t packed_rows_elements(std::int64_t m, std::int64_t k) {
  return row_tile_count(m) * pair_count(k) * 2 * kRowTile;
}

/// Repacks tiles [first_tile, last_tile) of x [m][k] into `out` (the whole buffer of packed_rows_elements).
struct PackRowsCall {
  const Bf16* x = nullptr;
  std::int64_t x_stride = 0;
  std::int64_t m = 0;
  std::int64_t k = 0;
  std::int64_t first_tile = 0;
  std::int64_t last_tile = 0;
  Bf16* out = nullptr;
};

/// Packs the columns of one panel: rows w[0..columns) of a row-major [columns][k] matrix with row stride
/// w_stride (columns <= 32, the rest of the panel becomes zero) into `panel` of panel_elements(k).
struct PackPanelCall {
  const Bf16* w = nullptr;
  std::int64_t w_stride = 0;
  std::int64_t columns = 0;
  std::int64_t k = 0;
  Bf16* panel = nullptr;
};

}  // namespace ttx::kernels
