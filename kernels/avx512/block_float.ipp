// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is from 31 to 254: then no number leaves the normal range, nor does a
/// power of two that it is multiplied by.
TTX_INLINE bool exponents_are_plain(const std::uint8_t* exponents) {
  const __m512i above = _mm512_sub_epi8(_mm512_loadu_si512(exponents), _mm512_set1_epi8(31));
  return _mm512_cmpgt_epu8_mask(above, _mm512_set1_epi8(static_cast<char>(254 - 31))) == 0;
}

/// As load_numbers, but from where the register's columns begin.
template <BlockFloat kFormat>
TTX_INLINE PartNumbers load_number_pairs(const std::uint8_t* from) {
  if constexpr (kFormat == BlockFloat::k8) {
    return (PartNumbers)_mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
  } else {
    return (PartNumbers)_mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
}

TTX_INLINE PartBits load_exponents(const std::uint8_t* from) {
  return (PartBits)_mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
