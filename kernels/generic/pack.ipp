// SPDX-License-Identifier: Apache-2.0

/// Packs rows w[0..rows) of length k into [pairs][width][2]; rows beyond and the odd half of a last pair are
/// zeros.
TTX_INLINE void interleave_pairs(const Bf16* w, std::int64_t stride, std::int64_t rows, std::int64_t k,
                                 std::int64_t width, Bf16* out) {
  for (std::int64_t pair = 0; pair < pair_count(k); ++pair) {
    Bf16* line = out + pair * 2 * width;
    for (std::int64_t row = 0; row < width; ++row) {
      const bool inside = row < rows;
      line[2 * row] = inside ? w[row * stride + 2 * pair] : Bf16{0};
      line[2 * row + 1] = inside && 2 * pair + 1 < k ? w[row * stride + 2 * pair + 1] : Bf16{0};
    }
  }
}

TTX_WORK void pack_panel_work(const PackPanelCall& call) {
  interleave_pairs(call.w, call.w_stride, call.columns, call.k, kPanelColumns, call.panel);
}

TTX_WORK void pack_rows_work(const PackRowsCall& call) {
  for (std::int64_t tile = call.first_tile; tile < call.last_tile; ++tile) {
    const std::int64_t first = tile * kRowTile;
    const std::int64_t rows = call.m - first < kRowTile ? call.m - first : kRowTile;
    interleave_pairs(call.x + first * call.x_stride, call.x_stride, rows, call.k, kRowTile,
                     call.out + tile * pair_count(call.k) * 2 * kRowTile);
  }
}
