// SPDX-License-Identifier: Apache-2.0

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

/// Up to 16 rows of length k into lines of `line` elements, 16 pairs of lanes each of which the first `lanes`
/// are stored.
TTX_INLINE void interleave_rows(const Bf16* w, std::int64_t stride, std::int64_t rows, std::int64_t k,
                                std::int64_t line, std::int64_t lanes, Bf16* out) {
  const __mmask16 stored = first_lanes(lanes);
  for (std::int64_t at = 0; at < k; at += 2 * kLanes) {
    const std::int64_t rest = k - at;
    const __mmask32 inside = rest >= 2 * kLanes ? 0xFFFFFFFFU : (1U << rest) - 1U;
    __m512i pairs[16];
#pragma GCC unroll 16
    for (std::int64_t row = 0; row < 16; ++row) {
      pairs[row] =
          row < rows ? _mm512_maskz_loadu_epi16(inside, w + row * stride + at) : _mm512_setzero_si512();
    }
    transpose_pairs(pairs);
    const std::int64_t count = pair_count(rest) < kLanes ? pair_count(rest) : kLanes;
    Bf16* to = out + at / 2 * line;
#pragma GCC unroll 16
    for (std::int64_t pair = 0; pair < 16; ++pair) {
      if (pair < count) {
        _mm512_mask_storeu_epi32(to + pair * line, stored, pairs[pair]);
      }
    }
  }
}

TTX_WORK void pack_panel_work(const PackPanelCall& call) {
  for (std::int64_t column = 0; column < kPanelColumns; column += kLanes) {
    interleave_rows(call.w + column * call.w_stride, call.w_stride, call.columns - column, call.k,
                    2 * kPanelColumns, kLanes, call.panel + 2 * column);
  }
}

TTX_WORK void pack_rows_work(const PackRowsCall& call) {
  for (std::int64_t tile = call.first_tile; tile < call.last_tile; ++tile) {
    const std::int64_t first = tile * kRowTile;
    const std::int64_t rows = call.m - first < kRowTile ? call.m - first : kRowTile;
    interleave_rows(call.x + first * call.x_stride, call.x_stride, rows, call.k, 2 * kRowTile, kRowTile,
                    call.out + tile * pair_count(call.k) * 2 * kRowTile);
  }
}
