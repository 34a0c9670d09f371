// SPDX-License-Identifier: Apache-2.0

/// One row against one panel: the blocks, each from zero, added in the tree. `pair_at(i)` is pair i of the
/// row, `line_at(i)` that of the panel's columns, [32][2].
template <class PairAt, class LineAt>
TTX_INLINE void row_by_panel(const PairAt& pair_at, const LineAt& line_at, const KBlocks& blocks,
                             float* sum) {
  float level[kTreeLevels][kPanelColumns];
  for (int block = 0; block < blocks.count; ++block) {
    for (std::int64_t c = 0; c < kPanelColumns; ++c) {
      sum[c] = 0.0F;
    }
    const PairRange pairs = block_pairs(blocks, block);
    for (std::int64_t pair = pairs.begin; pair < pairs.end; ++pair) {
      multiply_pair(pair_at(pair), line_at(pair), sum);
    }
    const int merges = merges_after(block);
    for (int height = 0; height < merges; ++height) {
      for (std::int64_t c = 0; c < kPanelColumns; ++c) {
        sum[c] = level[height][c] + sum[c];
      }
    }
    if (block + 1 < blocks.count) {
      for (std::int64_t c = 0; c < kPanelColumns; ++c) {
        level[merges][c] = sum[c];
      }
    }
  }
}

/// `lines_of(panel)` is the `line_at` of a panel.
template <class LinesOf>
TTX_INLINE void linear_over(const LinearCall& call, const LinesOf& lines_of) {
  const std::int64_t pairs = pair_count(call.k);
  for (std::int64_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    const auto weights = lines_of(panel);
    const std::int64_t column = panel * kPanelColumns;
    const std::int64_t columns = call.n - column < kPanelColumns ? call.n - column : kPanelColumns;
    for (std::int64_t row = 0; row < call.m; ++row) {
      float sum[kPanelColumns];
      if (call.m == 1) {
        const auto pair_at = [&call](std::int64_t pair) {
          const Bf16 odd = 2 * pair + 1 < call.k ? call.x[2 * pair + 1] : Bf16{0};
          return Pair{widen_one(call.x[2 * pair]), widen_one(odd)};
        };
        row_by_panel(pair_at, weights, call.blocks, sum);
      } else {
        const Bf16* x = call.packed_x + (row / kRowTile * pairs * kRowTile + row % kRowTile) * 2;
        const auto pair_at = [x](std::int64_t pair) { return load_pair(x + pair * 2 * kRowTile); };
        row_by_panel(pair_at, weights, call.blocks, sum);
      }
      const std::int64_t at = row * call.out_stride + column;
      for (std::int64_t c = 0; c < columns; c += kLanes) {
        const Lanes sums = load_f32(sum + c);
        const Lanes out =
            call.bias == nullptr ? sums : sums + load_up_to(call.bias + column + c, columns - c);
        if (call.out_bf16 != nullptr) {
          store_up_to(out, call.out_bf16 + at + c, columns - c);
        } else {
          store_up_to(out, call.out_f32 + at + c, columns - c);
        }
      }
    }
  }
}

TTX_WORK void linear_work(const LinearCall& call) {
  linear_over(call, [&call](std::int64_t panel) {
    const Bf16* lines = call.panels + panel * panel_elements(call.k);
    return [lines](std::int64_t pair) { return lines + pair * 2 * kPanelColumns; };
  });
}
