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
  alignas(64) float scores[kRowTile * kKeyBlock];
  alignas(64) Operand p[kRowTile * kKeyBlock];
  RowState state[kRowTile];
  std::int64_t live[kRowTile];
};

TTX_INLINE std::int64_t keys_in_block(std::int64_t seen, std::int64_t start) {
  return seen - start < kKeyBlock ? seen - start : kKeyBlock;
}

/// One key block for rows [from, tile.rows): those that see at least its first key.
TTX_INLINE void attend_block(const AttentionCall& call, const QueryTile& tile, std::int64_t from,
                             const Bf16* keys, const Bf16* values, TileScratch& scratch) {
  const std::int64_t rows = tile.rows - from;
  const std::int64_t most = scratch.live[tile.rows - 1];
  const std::int64_t fewest = scratch.live[from];
  score_block(scratch.q + from * kMaxHeadDim, rows, keys, values, call.head_dim, most > kPanelColumns ? 2 : 1,
              scratch.scores + from * kKeyBlock);
  for (std::int64_t i = from; i < tile.rows; ++i) {
    softmax_block(scratch.scores + i * kKeyBlock, scratch.live[i], call.scale, call.head_dim,
                  scratch.state[i], scratch.p + i * kKeyBlock, scratch.acc + i * kMaxHeadDim);
  }
  // The pairs that all rows see are taken together; beyond, each row goes alone as far as it sees.
  const std::int64_t common = fewest / 2;
  value_block(scratch.p + from * kKeyBlock, rows, values, call.head_dim, common,
              scratch.acc + from * kMaxHeadDim);
  for (std::int64_t i = from; i < tile.rows; ++i) {
    if (scratch.live[i] > 2 * common) {
      value_rest(scratch.p + i * kKeyBlock, values, call.head_dim, common, scratch.live[i],
                 scratch.acc + i * kMaxHeadDim);
    }
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
  // Positions do not fall along the tile, so the rows that see a block are its last ones.
  std::int64_t from = 0;
  const std::int64_t longest = call.first + tile.position_row(tile.rows - 1) + 1;
  for (std::int64_t start = 0; start < longest; start += kKeyBlock) {
    for (std::int64_t i = from; i < tile.rows; ++i) {
      const std::int64_t seen = call.first + tile.position_row(i) + 1;
      scratch.live[i] = keys_in_block(seen, start);
      from += scratch.live[i] <= 0 ? 1 : 0;
    }
    const std::int64_t offset = kv_offset + start * call.head_dim;
    attend_block(call, tile, from, call.keys + offset, call.values + offset, scratch);
  }
  for (std::int64_t i = 0; i < tile.rows; ++i) {
    Bf16* out = call.out + tile.position_row(i) * call.out_row_stride + tile.head(i) * call.out_head_stride;
    for (std::int64_t d = 0; d < call.head_dim; d += kLanes) {
      store_bf16(load_f32(scratch.acc + i * kMaxHeadDim + d) / scratch.state[i].sum, out + d);
    }
  }
}

TTX_WORK void attention_work(const AttentionCall& call) {
  TileScratch scratch = {};
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
