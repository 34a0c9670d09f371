// SPDX-License-Identifier: Apache-2.0

/// Elements by which reading a row runs ahead: more rows are under way than the hardware's own prefetch
/// follows. They are fetched into the second level of the cache, for rows that a power of two of bytes lies
/// between would push each other out of the first.
constexpr std::int64_t kPackAhead = 128;

/// kRegisterLanes pairs of up to as many rows from k `at` on, a row in each register, zeros beyond the rows
/// and beyond k.
TTX_INLINE void load_rows(const Bf16* w, std::int64_t stride, std::int64_t rows, std::int64_t k,
                          std::int64_t at, PairVector (&pairs)[kRegisterLanes]) {
#pragma GCC unroll 16
  for (std::int64_t row = 0; row < kRegisterLanes; ++row) {
    const Bf16* from = w + row * stride + at;
    pairs[row] = row < rows ? load_pairs_part(from, k - at) : PairVector{};
    fetch_line_nearer(from + kPackAhead);
  }
}

/// The same transposed: pairs[i] holds pair i of every row.
TTX_INLINE void load_transposed(const Bf16* w, std::int64_t stride, std::int64_t rows, std::int64_t k,
                                std::int64_t at, PairVector (&pairs)[kRegisterLanes]) {
  load_rows(w, stride, rows, k, at, pairs);
  transpose_pairs(pairs);
}

/// Pairs of a chunk of kRegisterLanes that lie within k.
TTX_INLINE std::int64_t chunk_pairs(std::int64_t k, std::int64_t at) {
  return pair_count(k - at) < kRegisterLanes ? pair_count(k - at) : kRegisterLanes;
}

template <bool kStreaming>
TTX_INLINE void store_pairs(PairVector pairs, Bf16* to) {
  if (kStreaming) {
    stream_pairs(pairs, to);
  } else {
    __builtin_memcpy(to, &pairs, sizeof pairs);
  }
}

/// `kStreaming` writes past the caches: a packed weight is read again much later, if at all, by another
/// thread. Columns that share a cache line are written together.
template <bool kStreaming>
TTX_INLINE void pack_panel_as(const PackPanelCall& call) {
  for (std::int64_t at = 0; at < call.k; at += 2 * kRegisterLanes) {
    for (std::int64_t column = 0; column < kPanelColumns; column += 2 * kRegisterLanes) {
      PairVector left[kRegisterLanes];
      PairVector right[kRegisterLanes];
      const Bf16* from = call.w + column * call.w_stride;
      const std::int64_t rows = call.columns - column;
      load_transposed(from, call.w_stride, rows, call.k, at, left);
      load_transposed(from + kRegisterLanes * call.w_stride, call.w_stride, rows - kRegisterLanes, call.k, at,
                      right);
      const std::int64_t count = chunk_pairs(call.k, at);
      Bf16* to = call.panel + at * kPanelColumns + 2 * column;
#pragma GCC unroll 16
      for (std::int64_t pair = 0; pair < kRegisterLanes; ++pair) {
        if (pair < count) {
          store_pairs<kStreaming>(left[pair], to + pair * 2 * kPanelColumns);
          store_pairs<kStreaming>(right[pair], to + pair * 2 * kPanelColumns + 2 * kRegisterLanes);
        }
      }
    }
  }
}

TTX_WORK void pack_panel_work(const PackPanelCall& call) {
  if (reinterpret_cast<std::uintptr_t>(call.panel) % 64 == 0) {
    pack_panel_as<true>(call);
    _mm_sfence();
  } else {
    pack_panel_as<false>(call);
  }
}

TTX_WORK void pack_rows_work(const PackRowsCall& call) {
  for (std::int64_t tile = call.first_tile; tile < call.last_tile; ++tile) {
    const Bf16* x = call.x + tile * kRowTile * call.x_stride;
    const std::int64_t rows = call.m - tile * kRowTile;
    Bf16* out = call.out + tile * pair_count(call.k) * 2 * kRowTile;
    for (std::int64_t at = 0; at < call.k; at += 2 * kRegisterLanes) {
      for (std::int64_t row = 0; row < kRowTile; row += kRegisterLanes) {
        PairVector pairs[kRegisterLanes];
        load_transposed(x + row * call.x_stride, call.x_stride, rows - row, call.k, at, pairs);
        const std::int64_t count = chunk_pairs(call.k, at);
#pragma GCC unroll 16
        for (std::int64_t pair = 0; pair < kRegisterLanes; ++pair) {
          if (pair < count) {
            store_tile_pairs(pairs[pair], kRowTile - row, out + ((at / 2 + pair) * kRowTile + row) * 2);
          }
        }
      }
    }
  }
}
