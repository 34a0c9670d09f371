// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is from 31 to 254: then no number leaves the normal range, nor does a
/// power of two that it is multiplied by.
TTX_INLINE bool exponents_are_plain(const std::uint8_t* exponents) {
  const auto* const halves = reinterpret_cast<const __m256i*>(exponents);
  const __m256i first = _mm256_loadu_si256(halves);
  const __m256i second = _mm256_loadu_si256(halves + 1);
  const __m256i least = _mm256_min_epu8(first, second);
  const __m256i low = _mm256_cmpeq_epi8(_mm256_min_epu8(least, _mm256_set1_epi8(30)), least);
  const __m256i high = _mm256_cmpeq_epi8(_mm256_max_epu8(first, second), _mm256_set1_epi8(-1));
  const __m256i strange = _mm256_or_si256(low, high);
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
