// SPDX-License-Identifier: Apache-2.0

/// The first `count` elements, zeros beyond.
TTX_INLINE PairVector load_pairs_part(const Bf16* from, std::int64_t count) {
  if (count >= 2 * kRegisterLanes) {
    return load_pairs(from);
  }
  Bf16 buffer[2 * kRegisterLanes] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    buffer[i] = from[i];
  }
  return load_pairs(buffer);
}

/// The pairs of eight of a tile's rows.
TTX_INLINE PairVector load_tile_pairs(const Bf16* from) { return load_pairs(from); }

/// A tile has eight rows and four.
TTX_INLINE void store_tile_pairs(PairVector pairs, std::int64_t count, Bf16* to) {
  if (count >= kRegisterLanes) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), (__m256i)pairs);
  } else {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to), _mm256_castsi256_si128((__m256i)pairs));
  }
}
static_assert(kRowTile == kRegisterLanes + 4);

TTX_INLINE void stream_pairs(PairVector pairs, Bf16* to) {
  _mm256_stream_si256(reinterpret_cast<__m256i*>(to), (__m256i)pairs);
}

TTX_INLINE void stream_register(const void* from, void* to) {
  _mm256_stream_si256(static_cast<__m256i*>(to), _mm256_load_si256(static_cast<const __m256i*>(from)));
}

/// Transposes 8 rows of 8 pairs: afterwards rows[i] holds pair i of every row.
TTX_INLINE void transpose_pairs(PairVector (&rows)[8]) {
  __m256i t[8];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    t[2 * i] = _mm256_unpacklo_epi32((__m256i)rows[2 * i], (__m256i)rows[2 * i + 1]);
    t[2 * i + 1] = _mm256_unpackhi_epi32((__m256i)rows[2 * i], (__m256i)rows[2 * i + 1]);
  }
  __m256i u[8];
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    u[4 * i] = _mm256_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    u[4 * i + 1] = _mm256_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    u[4 * i + 2] = _mm256_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    u[4 * i + 3] = _mm256_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  // u[4g + c] has, in its half q, pair 4q + c of rows 4g .. 4g+3.
#pragma GCC unroll 4
  for (int c = 0; c < 4; ++c) {
    rows[c] = (PairVector)_mm256_permute2x128_si256(u[c], u[4 + c], 0x20);
    rows[4 + c] = (PairVector)_mm256_permute2x128_si256(u[c], u[4 + c], 0x31);
  }
}

TTX_INLINE Vector multiply_add(Vector sum, Vector a, Vector b) { return _mm256_fmadd_ps(a, b, sum); }
