// SPDX-License-Identifier: Apache-2.0

/// The (position, head) rows of one tile, positions outermost, all of one KV head, so that they share its
/// keys.
struct QueryTile {
  std::int64_t first;  ///< index of the tile's first row: position * heads + head
  std::int64_t rows;
  std::int64_t heads;
  std::int64_t first_head;

  std::int64_t position_row(std::int64_t i) const { return (first + i) / heads; }
  std::int64_t head(std::int64_t i) const { return first_head + (first + i) % heads; }
};

struct TileScratch {
  alignas(64) Operand q[kRowTile * kMaxHeadDim];
  alignas(64) float acc[kRowTile * kMaxHeadDim];
  alignas(64) float scores[kRowTile * kKeyBlock] = {};  // what no product reaches is masked, yet looked at
  alignas(64) Operand p[kRowTile * kKeyBlock];
  RowState state[kRowTile];
  SeenKeys seen[kRowTile];  ///< of the block at hand
};

/// Rows [from, to) of a tile.
struct RowRange {
  std::int64_t from;
  std::int64_t to;
};

/// The first key that the row at `position` sees.
TTX_INLINE std::int64_t first_seen(const AttentionCall& call, std::int64_t position) {
  const std::int64_t first = position - call.window + 1;
  return call.window == 0 || first < 0 ? 0 : first;
}

/// Of the keys that the row at `position` sees, those of the block at `start`; none gives end <= begin.
TTX_INLINE SeenKeys seen_in_block(const AttentionCall& call, std::int64_t position, std::int64_t start) {
  const std::int64_t begin = first_seen(call, position) - start;
  const std::int64_t end = position + 1 - start;
  return {begin > 0 ? begin : 0, end < kKeyBlock ? end : kKeyBlock};
}

/// One row's keys [first, last): of a pair that is cut, the other half is replaced by zeros.
TTX_INLINE void value_keys(const Operand* p, const Bf16* values, std::int64_t head_dim, std::int64_t first,
                           std::int64_t last, float* acc) {
  if (first < last && first % 2 != 0) {
    value_half_pair<Half::kOdd>(p + first - 1, values + (first - 1) * head_dim, head_dim, acc);
    ++first;
  }
  if (first < last) {
    const Bf16* own = values + first * head_dim;
    value_block(p + first, 1, own, own, head_dim, (last - first) / 2, acc);
    if (last % 2 != 0) {
      value_half_pair<Half::kEven>(p + last - 1, values + (last - 1) * head_dim, head_dim, acc);
    }
  }
}

/// One key block for those rows that see some of it.
TTX_INLINE void attend_block(const AttentionCall& call, RowRange active, const Bf16* keys, const Bf16* values,
                             TileScratch& scratch) {
  const std::int64_t from = active.from;
  const std::int64_t rows = active.to - from;
  // Along the tile positions do not fall, so neither do the bounds of what its rows see.
  const SeenKeys first_row = scratch.seen[from];
  const SeenKeys last_row = scratch.seen[active.to - 1];
  score_block(scratch.q + from * kMaxHeadDim, rows, keys, values, call.head_dim,
              last_row.end > kPanelColumns ? 2 : 1, scratch.scores + from * kKeyBlock);
  const ScoreRule rule = {call.scale, call.soft_cap};
  for (std::int64_t i = from; i < active.to; ++i) {
    softmax_block(scratch.scores + i * kKeyBlock, scratch.seen[i], rule, call.head_dim, scratch.state[i],
                  scratch.p + i * kKeyBlock, scratch.acc + i * kMaxHeadDim);
  }
  // The pairs that all rows see are taken together; before and behind them each row goes alone.
  const std::int64_t common_begin = (last_row.begin + 1) / 2;
  const std::int64_t common_end = first_row.end / 2 > common_begin ? first_row.end / 2 : common_begin;
  const auto alone = [&](std::int64_t i, std::int64_t first, std::int64_t last) TTX_INLINED {
    value_keys(scratch.p + i * kKeyBlock, values, call.head_dim, first, last, scratch.acc + i * kMaxHeadDim);
  };
  for (std::int64_t i = from; i < active.to; ++i) {
    const SeenKeys seen = scratch.seen[i];
    alone(i, seen.begin, seen.end < 2 * common_begin ? seen.end : 2 * common_begin);
  }
  const std::int64_t common = 2 * common_begin * call.head_dim;
  value_block(scratch.p + from * kKeyBlock + 2 * common_begin, rows, values + common,
              keys + kKeyBlock * call.head_dim + common, call.head_dim, common_end - common_begin,
              scratch.acc + from * kMaxHeadDim);
  for (std::int64_t i = from; i < active.to; ++i) {
    alone(i, 2 * common_end, scratch.seen[i].end);
  }
}

TTX_INLINE void attend_tile(const AttentionCall& call, const QueryTile& tile, TileScratch& scratch) {
  const std::int64_t kv_offset = tile.first_head / call.group * call.kv_head_stride;
  for (std::int64_t i = 0; i < tile.rows; ++i) {
    const Bf16* q = call.q + tile.position_row(i) * call.q_row_stride + tile.head(i) * call.q_head_stride;
    for (std::int64_t d = 0; d < call.head_dim; d += kLanes) {
      copy_rounded(q + d, scratch.q + i * kMaxHeadDim + d);
    }
    __builtin_memset(scratch.acc + i * kMaxHeadDim, 0,
                     static_cast<std::size_t>(call.head_dim) * sizeof(float));
    scratch.state[i] = RowState{};
  }
  // The rows that a block lies behind are the tile's first ones, those whose window begins after it the last.
  RowRange active = {0, 0};
  const std::int64_t longest = call.first + tile.position_row(tile.rows - 1) + 1;
  const std::int64_t earliest = first_seen(call, call.first + tile.position_row(0));
  for (std::int64_t start = earliest / kKeyBlock * kKeyBlock; start < longest; start += kKeyBlock) {
    active.to = active.from;
    for (std::int64_t i = active.from; i < tile.rows; ++i) {
      const std::int64_t position = call.first + tile.position_row(i);
      scratch.seen[i] = seen_in_block(call, position, start);
      active.from += position < start ? 1 : 0;
      active.to += scratch.seen[i].begin < kKeyBlock ? 1 : 0;
    }
    const std::int64_t offset = kv_offset + start * call.head_dim;
    attend_block(call, active, call.keys + offset, call.values + offset, scratch);
  }
  for (std::int64_t i = 0; i < tile.rows; ++i) {
    Bf16* out = call.out + tile.position_row(i) * call.out_row_stride + tile.head(i) * call.out_head_stride;
    for (std::int64_t d = 0; d < call.head_dim; d += kLanes) {
      store_bf16(load_f32(scratch.acc + i * kMaxHeadDim + d) / scratch.state[i].sum, out + d);
    }
  }
}

TTX_WORK void attention_work(const AttentionCall& call) {
  TileScratch scratch;
  for (std::int64_t head = call.first_head; head < call.last_head;) {
    const std::int64_t group_end = (head / call.group + 1) * call.group;
    const std::int64_t end = group_end < call.last_head ? group_end : call.last_head;
    const std::int64_t heads = end - head;
    for (std::int64_t first = 0; first < call.rows * heads; first += kRowTile) {
      const std::int64_t rest = call.rows * heads - first;
      attend_tile(call, {first, rest < kRowTile ? rest : kRowTile, heads, head}, scratch);
    }
    head = end;
  }
}
