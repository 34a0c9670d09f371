// SPDX-License-Identifier: Apache-2.0

/// Elements by which reading a row runs ahead: more rows are under way than the hardware's own prefetch
/// follows.
constexpr std::int64_t kPackAhead = 128;

/// Transposes 16 rows of 16 pairs: afterwards rows[i] holds pair i of every row.
TTX_INLINE void transpose_pairs(__m512i (&rows)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_epi32(rows[2 * i], rows[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(rows[2 * i], rows[2 * i + 1]);
  }
  __m512i u[16];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    u[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    u[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    u[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    u[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  // u[4g + c] has, in its 128-bit part q, pair 4q + c of rows 4g .. 4g+3: now the parts are transposed.
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    const __m512i low01 = _mm512_shuffle_i32x4(u[c], u[4 + c], 0x88);
    const __m512i low23 = _mm512_shuffle_i32x4(u[8 + c], u[12 + c], 0x88);
    const __m512i high01 = _mm512_shuffle_i32x4(u[c], u[4 + c], 0xDD);
    const __m512i high23 = _mm512_shuffle_i32x4(u[8 + c], u[12 + c], 0xDD);
    rows[c] = _mm512_shuffle_i32x4(low01, low23, 0x88);
    rows[8 + c] = _mm512_shuffle_i32x4(low01, low23, 0xDD);
    rows[4 + c] = _mm512_shuffle_i32x4(high01, high23, 0x88);
    rows[12 + c] = _mm512_shuffle_i32x4(high01, high23, 0xDD);
  }
}

/// 16 pairs of up to 16 rows from k `at` on: pair i of every row in pairs[i], zeros beyond the rows and
/// beyond k.
TTX_INLINE void load_transposed(const Bf16* w, std::int64_t stride, std::int64_t rows, std::int64_t k,
                                std::int64_t at, __m512i (&pairs)[16]) {
  const std::int64_t rest = k - at;
  const __mmask32 inside = rest >= 2 * kLanes ? 0xFFFFFFFFU : (1U << rest) - 1U;
#pragma GCC unroll 16
  for (std::int64_t row = 0; row < 16; ++row) {
    const Bf16* from = w + row * stride + at;
    pairs[row] = row < rows ? _mm512_maskz_loadu_epi16(inside, from) : _mm512_setzero_si512();
    _mm_prefetch(reinterpret_cast<const char*>(from + kPackAhead), _MM_HINT_T0);
  }
  transpose_pairs(pairs);
}

/// Pairs of a chunk that lie within k.
TTX_INLINE std::int64_t chunk_pairs(std::int64_t k, std::int64_t at) {
  return pair_count(k - at) < kLanes ? pair_count(k - at) : kLanes;
}

template <bool kStreaming>
TTX_INLINE void store_line(Bf16* to, __m512i line) {
  if (kStreaming) {
    _mm512_stream_si512(reinterpret_cast<__m512i*>(to), line);
  } else {
    _mm512_storeu_si512(to, line);
  }
}

/// `kStreaming` writes past the caches: a packed weight is read again much later, if at all, by another
/// thread.
template <bool kStreaming>
TTX_INLINE void pack_panel_as(const PackPanelCall& call) {
  for (std::int64_t at = 0; at < call.k; at += 2 * kLanes) {
    __m512i left[16];
    __m512i right[16];
    load_transposed(call.w, call.w_stride, call.columns, call.k, at, left);
    load_transposed(call.w + kLanes * call.w_stride, call.w_stride, call.columns - kLanes, call.k, at, right);
    const std::int64_t count = chunk_pairs(call.k, at);
    Bf16* to = call.panel + at * kPanelColumns;
#pragma GCC unroll 16
    for (std::int64_t pair = 0; pair < 16; ++pair) {
      if (pair < count) {
        store_line<kStreaming>(to + pair * 2 * kPanelColumns, left[pair]);
        store_line<kStreaming>(to + pair * 2 * kPanelColumns + 2 * kLanes, right[pair]);
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
  const __mmask16 tile_lanes = first_lanes(kRowTile);
  for (std::int64_t tile = call.first_tile; tile < call.last_tile; ++tile) {
    const std::int64_t first = tile * kRowTile;
    const std::int64_t rows = call.m - first < kRowTile ? call.m - first : kRowTile;
    Bf16* out = call.out + tile * pair_count(call.k) * 2 * kRowTile;
    for (std::int64_t at = 0; at < call.k; at += 2 * kLanes) {
      __m512i pairs[16];
      load_transposed(call.x + first * call.x_stride, call.x_stride, rows, call.k, at, pairs);
      const std::int64_t count = chunk_pairs(call.k, at);
#pragma GCC unroll 16
      for (std::int64_t pair = 0; pair < 16; ++pair) {
        if (pair < count) {
          _mm512_mask_storeu_epi32(out + (at / 2 + pair) * 2 * kRowTile, tile_lanes, pairs[pair]);
        }
      }
    }
  }
}
