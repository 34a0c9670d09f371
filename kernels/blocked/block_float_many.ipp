// SPDX-License-Identifier: Apache-2.0

/// Pairs that are expanded to bf16 together, 32 KiB, and then multiplied by the tiles of a chunk of rows.
constexpr std::int64_t kPiecePairs = 256;

/// Pairs [begin, end) of a panel as bf16 lines.
template <BlockFloat kFormat>
TTX_WORK void expand_pairs(const std::uint8_t* panel, std::int64_t begin, std::int64_t end, Bf16* out) {
  for (std::int64_t first = begin - begin % kChunkPairs; first < end; first += kChunkPairs) {
    const std::uint8_t* chunk = chunk_of<kFormat>(panel, first);
    const std::int64_t from = begin < first ? first : begin;
    const std::int64_t to = first + kChunkPairs < end ? first + kChunkPairs : end;
    Bf16* lines = out + (from - begin) * 2 * kPanelColumns;
    if (!exponents_are_plain(chunk)) {
      expand_any<kFormat>(chunk, from - first, to - first, lines);
      continue;
    }
    alignas(64) ChunkScales<kFormat> scales;
    scales.read(chunk);
    for (std::int64_t pair = from - first; pair < to - first; ++pair, lines += 2 * kPanelColumns) {
      const CodedLine<kFormat> line(chunk + kChunkExponents + pair * line_bytes(kFormat), scales, pair);
      for (int v = 0; v < kPanelVectors; ++v) {
        const PairVector pairs = line.pairs(v);
        __builtin_memcpy(lines + v * 2 * kRegisterLanes, &pairs, sizeof pairs);
      }
    }
  }
}

/// Rows of kChunkTiles tiles while their sums are under way.
struct RunningSums {
  alignas(64) float level[kTreeLevels][kChunkTiles][kTileSums];
  alignas(64) float now[kChunkTiles][kTileSums];
};

/// Part of a K block.
struct Piece {
  PairRange pairs;
  int block;
  bool begins;
  bool ends;
};

/// The tiles of a chunk of rows times a piece, given as bf16 lines. Meanwhile what follows it in the panels,
/// from `next` on, is fetched.
TTX_INLINE void tiles_by_piece(const LinearCall& call, std::int64_t panel, std::int64_t first_tile,
                               std::int64_t tiles, const Piece& piece, const Bf16* lines, const Bf16* next,
                               std::int64_t pair_elements, RunningSums& sums) {
  const std::int64_t column = panel * kPanelColumns;
  const std::int64_t passes = kStrips * (call.m > kMostRows ? kRowTile / kMostRows : 1);
  const std::int64_t step = (pair_elements + tiles * passes - 1) / (tiles * passes);
  const std::int64_t pairs = piece.pairs.end - piece.pairs.begin;
  for (std::int64_t i = 0; i < tiles; ++i) {
    const std::int64_t row = (first_tile + i) * kRowTile;
    const std::int64_t at = row * call.out_stride + column;
    const BlockStep work = {
        .x = call.packed_x + (row * pair_count(call.k) + piece.pairs.begin * kRowTile) * 2,
        .weights = lines,
        .pairs = pairs,
        .next = next + i * passes * step * pairs,
        .next_step = step,
        .begins = piece.begins,
        .ends = piece.ends,
        .running = sums.now[i],
        .merges = merges_after(piece.block),
        .level = {sums.level[0][i], sums.level[1][i], sums.level[2][i]},
        .last = piece.block + 1 == call.blocks.count,
        .bias = call.bias == nullptr ? nullptr : call.bias + column,
        .out_f32 = call.out_f32 == nullptr ? nullptr : call.out_f32 + at,
        .out_bf16 = call.out_bf16 == nullptr ? nullptr : call.out_bf16 + at,
        .out_stride = call.out_stride,
        .columns = call.n - column,
    };
    with_tile_rows(call.m - row < kRowTile ? call.m - row : kRowTile, work);
  }
}

template <BlockFloat kFormat>
TTX_INLINE void chunk_by_block_float_panel(const BlockFloatLinearCall& call, std::int64_t panel,
                                           std::int64_t first_tile, std::int64_t tiles, RunningSums& sums) {
  constexpr std::int64_t kPairElements = chunk_bytes(kFormat) / (2 * kChunkPairs);
  alignas(64) Bf16 lines[static_cast<std::size_t>(kPiecePairs * 2 * kPanelColumns)];
  const std::uint8_t* weights = call.panels + panel * block_float_panel_bytes(call.linear.k, kFormat);
  for (int block = 0; block < call.linear.blocks.count; ++block) {
    const PairRange pairs = block_pairs(call.linear.blocks, block);
    std::int64_t begin = pairs.begin;
    do {  // once for an empty block too, whose sums are zeros
      const std::int64_t end = begin + kPiecePairs < pairs.end ? begin + kPiecePairs : pairs.end;
      expand_pairs<kFormat>(weights, begin, end, lines);
      const Piece piece{{begin, end}, block, begin == pairs.begin, end == pairs.end};
      const auto* next = reinterpret_cast<const Bf16*>(chunk_of<kFormat>(weights, end));
      tiles_by_piece(call.linear, panel, first_tile, tiles, piece, lines, next, kPairElements, sums);
      begin = end;
    } while (begin < pairs.end);
  }
}

template <BlockFloat kFormat>
TTX_WORK void block_float_linear_many_rows(const BlockFloatLinearCall& call) {
  RunningSums sums;
  for (std::int64_t panel = call.linear.first_panel; panel < call.linear.last_panel; ++panel) {
    for (std::int64_t tile = 0; tile < row_tile_count(call.linear.m); tile += kChunkTiles) {
      const std::int64_t rest = row_tile_count(call.linear.m) - tile;
      chunk_by_block_float_panel<kFormat>(call, panel, tile, rest < kChunkTiles ? rest : kChunkTiles, sums);
    }
  }
}

template <BlockFloat kFormat>
TTX_INLINE void block_float_linear_as(const BlockFloatLinearCall& call) {
  if (call.linear.m <= kFewRows) {
    with_rows<kFewRows>(call.linear.m, 0,
                        FewRowsWork<BlockFloatPanels<kFormat>>{call.linear, BlockFloatPanels<kFormat>(call)});
  } else {
    block_float_linear_many_rows<kFormat>(call);
  }
}

TTX_WORK void block_float_linear_work(const BlockFloatLinearCall& call) {
  call.format == BlockFloat::k8 ? block_float_linear_as<BlockFloat::k8>(call)
                                : block_float_linear_as<BlockFloat::k4>(call);
}
