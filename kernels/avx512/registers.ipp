// SPDX-License-Identifier: Apache-2.0

TTX_INLINE __mmask16 first_lanes(std::int64_t count) {
  return count >= kLanes ? static_cast<__mmask16>(0xFFFFU) : static_cast<__mmask16>((1U << count) - 1U);
}

/// The first `count` elements, zeros beyond.
TTX_INLINE PairVector load_pairs_part(const Bf16* from, std::int64_t count) {
  const __mmask32 inside = count >= 2 * kLanes ? 0xFFFFFFFFU : (1U << count) - 1U;
  return (PairVector)_mm512_maskz_loadu_epi16(inside, from);
}

/// The pairs of a tile's rows.
TTX_INLINE PairVector load_tile_pairs(const Bf16* from) {
  return (PairVector)_mm512_maskz_loadu_epi32(first_lanes(kRowTile), from);
}

TTX_INLINE void store_tile_pairs(PairVector pairs, std::int64_t count, Bf16* to) {
  _mm512_mask_storeu_epi32(to, first_lanes(count), (__m512i)pairs);
}

TTX_INLINE void stream_pairs(PairVector pairs, Bf16* to) {
  _mm512_stream_si512(reinterpret_cast<__m512i*>(to), (__m512i)pairs);
}

TTX_INLINE void stream_register(const void* from, void* to) {
  _mm512_stream_si512(static_cast<__m512i*>(to), _mm512_load_si512(from));
}

/// Transposes 16 rows of 16 pairs: afterwards rows[i] holds pair i of every row.
TTX_INLINE void transpose_pairs(PairVector (&rows)[16]) {
  __m512i t[16];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_epi32((__m512i)rows[2 * i], (__m512i)rows[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32((__m512i)rows[2 * i], (__m512i)rows[2 * i + 1]);
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
    rows[c] = (PairVector)_mm512_shuffle_i32x4(low01, low23, 0x88);
    rows[8 + c] = (PairVector)_mm512_shuffle_i32x4(low01, low23, 0xDD);
    rows[4 + c] = (PairVector)_mm512_shuffle_i32x4(high01, high23, 0x88);
    rows[12 + c] = (PairVector)_mm512_shuffle_i32x4(high01, high23, 0xDD);
  }
}
