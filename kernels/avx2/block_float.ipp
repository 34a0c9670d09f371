// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is 0 or from 31 to 254: then no number leaves the normal range, nor does a
/// power of two that it is multiplied by.
TTX_INLINE bool exponents_are_plain(const std::uint8_t* exponents) {
  __m256i strange = _mm256_setzero_si256();
#pragma GCC unroll 2
  for (int i = 0; i < 2; ++i) {
    const __m256i e = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(exponents) + i);
    // Less one, 0 becomes 255, and 1 to 30 are at most 29.
    const __m256i less = _mm256_sub_epi8(e, _mm256_set1_epi8(1));
    const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(less, _mm256_set1_epi8(29)), less);
    strange = _mm256_or_si256(strange, _mm256_or_si256(low, _mm256_cmpeq_epi8(e, _mm256_set1_epi8(-1))));
  }
  return _mm256_testz_si256(strange, strange) != 0;
}

/// As load_numbers, but from where the register's columns begin.
template <BlockFloat kFormat>
TTX_INLINE PartNumbers load_number_pairs(const std::uint8_t* from) {
  const auto* const at = reinterpret_cast<const __m128i*>(from);
  return (PartNumbers)(kFormat == BlockFloat::k8 ? _mm256_cvtepi16_epi32(_mm_loadu_si128(at))
                                                 : _mm256_cvtepi8_epi32(_mm_loadl_epi64(at)));
}

TTX_INLINE PartBits load_exponents(const std::uint8_t* from) {
  return (PartBits)_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(from)));
}
