// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is 0 or from 7 to 254: then no number leaves the normal range.
TTX_INLINE bool exponents_are_plain(const std::uint8_t* exponents) {
  __m256i strange = _mm256_setzero_si256();
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const __m256i e = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(exponents) + i);
    // Less one, 0 becomes 255, and 1 to 6 are at most 5.
    const __m256i less = _mm256_sub_epi8(e, _mm256_set1_epi8(1));
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(less, _mm256_set1_epi8(5)), less);
    strange = _mm256_or_si256(strange, _mm256_or_si256(low, _mm256_cmpeq_epi8(e, _mm256_set1_epi8(-1))));
  }
  return _mm256_testz_si256(strange, strange) != 0;
}
