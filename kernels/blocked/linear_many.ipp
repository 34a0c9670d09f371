// SPDX-License-Identifier: Apache-2.0

/// Rows taken together while a weight block is in the cache, and so the size of the scratch on the stack.
constexpr std::int64_t kChunkTiles = 16;
constexpr std::int64_t kTileSums = kRowTile * kPanelColumns;
/// Columns whose accumulators fit beside each other for kMostRows rows: a strip, a part of a panel.
constexpr std::int64_t kStripColumns = 2 * kRegisterLanes;
constexpr std::int64_t kStrips = kPanelColumns / kStripColumns;

/// One row tile by one weight block, and what follows in the tree.
struct BlockStep {
  const Bf16* x;        ///< packed rows of the tile, at the block's first pair
  const Bf16* weights;  ///< panel at the block's first pair
  std::int64_t pairs;
  const Bf16* next;  ///< what to prefetch: each strip its part, one line per pair, `next_step` elements apart
  std::int64_t next_step;
  bool begins;     ///< a sum; else what waits in `running` goes on
  bool ends;       ///< it; else it waits in `running`
  float* running;  ///< [kRowTile][32]; may be null where a sum begins and ends
  int merges;
  float* level[kTreeLevels];  ///< sums of this tile waiting in the tree
  bool last;
  const Bf16* bias;  ///< of the panel's first column, or null
  float* out_f32;    ///< of the tile's first row and the panel's first column, when last
  Bf16* out_bf16;
  std::int64_t out_stride;
  std::int64_t columns;

  template <int kRows>
  TTX_WORK void run(std::int64_t first) const {
    for (std::int64_t strip = 0; strip < kStrips; ++strip) {
      run_strip<kRows>(first, strip);
    }
  }

  template <int kRows>
  TTX_INLINE void run_strip(std::int64_t first, std::int64_t strip) const {
    const std::int64_t column = strip * kStripColumns;
    const Bf16* ahead = next + ((first > 0 ? kStrips : 0) + strip) * next_step * pairs;
    const std::int64_t sums_at = first * kPanelColumns + column;
    Accumulators<kRows, 2> sums;
    if (begins) {
      sums.clear();
    } else {
      sums.load(running + sums_at, kPanelColumns);
    }
    RowFeed<kRows> rows(x, kPackedRows, first);
    rows.each(0, pairs, [&](std::int64_t pair, const auto& values) TTX_INLINED {
      fetch_line(ahead + pair * next_step);
      sums.multiply(values, weights + (pair * kPanelColumns + column) * 2);
    });
    if (!ends) {
      sums.store(running + sums_at, kPanelColumns);
      return;
    }
    for (int height = 0; height < merges; ++height) {
      sums.merge(level[height] + sums_at, kPanelColumns);
    }
    const std::int64_t at = first * out_stride + column;
    const Bf16* strip_bias = bias == nullptr ? nullptr : bias + column;
    if (!last) {
      sums.store(level[merges] + sums_at, kPanelColumns);
    } else if (out_bf16 != nullptr) {
      sums.store_columns(out_bf16 + at, out_stride, columns - column, strip_bias);
    } else {
      sums.store_columns(out_f32 + at, out_stride, columns - column, strip_bias);
    }
  }
};

/// The weight block that comes after this one: of the same panel, or the first of the next panel.
TTX_INLINE const Bf16* block_after(const LinearCall& call, std::int64_t panel, int block) {
  const bool same_panel = block + 1 < call.blocks.count;
  if (!same_panel && panel + 1 == call.last_panel) {
    return call.panels + panel * panel_elements(call.k);
  }
  const std::int64_t pair = same_panel ? block_pairs(call.blocks, block + 1).begin : 0;
  return call.panels + (same_panel ? panel : panel + 1) * panel_elements(call.k) + pair * 2 * kPanelColumns;
}

TTX_INLINE void chunk_by_panel(const LinearCall& call, std::int64_t panel, std::int64_t first_tile,
                               std::int64_t tiles, float (*waiting)[kChunkTiles][kTileSums]) {
  const std::int64_t column = panel * kPanelColumns;
  const std::int64_t passes = kStrips * (call.m > kMostRows ? kRowTile / kMostRows : 1);
  // Two lines per pair lie ahead; all passes over the block share them, each its part.
  const std::int64_t step = (2 * kPanelColumns + tiles * passes - 1) / (tiles * passes);
  for (int block = 0; block < call.blocks.count; ++block) {
    const PairRange pairs = block_pairs(call.blocks, block);
    const Bf16* next = block_after(call, panel, block);
    for (std::int64_t i = 0; i < tiles; ++i) {
      const std::int64_t row = (first_tile + i) * kRowTile;
      const std::int64_t at = row * call.out_stride + column;
      const BlockStep work = {
          .x = call.packed_x + (row * pair_count(call.k) + pairs.begin * kRowTile) * 2,
          .weights = call.panels + panel * panel_elements(call.k) + pairs.begin * 2 * kPanelColumns,
          .pairs = pairs.end - pairs.begin,
          .next = next + i * passes * step * (pairs.end - pairs.begin),
          .next_step = step,
          .begins = true,
          .ends = true,
          .running = nullptr,
          .merges = merges_after(block),
          .level = {waiting[0][i], waiting[1][i], waiting[2][i]},
          .last = block + 1 == call.blocks.count,
          .bias = call.bias == nullptr ? nullptr : call.bias + column,
          .out_f32 = call.out_f32 == nullptr ? nullptr : call.out_f32 + at,
          .out_bf16 = call.out_bf16 == nullptr ? nullptr : call.out_bf16 + at,
          .out_stride = call.out_stride,
          .columns = call.n - column,
      };
      with_tile_rows(call.m - row < kRowTile ? call.m - row : kRowTile, work);
    }
  }
}

TTX_WORK void linear_many_rows(const LinearCall& call) {
  alignas(64) float waiting[kTreeLevels][kChunkTiles][kTileSums];
  for (std::int64_t panel = call.first_panel; panel < call.last_panel; ++panel) {
    for (std::int64_t tile = 0; tile < row_tile_count(call.m); tile += kChunkTiles) {
      const std::int64_t rest = row_tile_count(call.m) - tile;
      chunk_by_panel(call, panel, tile, rest < kChunkTiles ? rest : kChunkTiles, waiting);
    }
  }
}

TTX_WORK void linear_work(const LinearCall& call) {
  if (call.m <= kFewRows) {
    with_rows<kFewRows>(call.m, 0, FewRowsWork<Bf16Panels>{call, Bf16Panels(call)});
  } else {
    linear_many_rows(call);
  }
}
