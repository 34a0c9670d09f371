// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is from `first` to `last`.
TTX_INLINE bool exponents_within(const std::uint8_t* exponents, int first, int last) {
  const __m512i above =
      _mm512_sub_epi8(_mm512_loadu_si512(exponents), _mm512_set1_epi8(static_cast<char>(first)));
  return _mm512_cmpgt_epu8_mask(above, _mm512_set1_epi8(static_cast<char>(last - first))) == 0;
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

TTX_INLINE HalfVector greater_of(HalfVector a, HalfVector b) {
  return (HalfVector)_mm512_max_epu16((__m512i)a, (__m512i)b);
}

TTX_INLINE HalfVector lesser_of(HalfVector a, HalfVector b) {
  return (HalfVector)_mm512_min_epu16((__m512i)a, (__m512i)b);
}

TTX_INLINE HalfVector zeros_become(HalfVector a, std::uint16_t value) {
  const __mmask32 zeros = _mm512_testn_epi16_mask((__m512i)a, (__m512i)a);
  return (HalfVector)_mm512_mask_mov_epi16((__m512i)a, zeros, _mm512_set1_epi16(static_cast<short>(value)));
}

/// Each significand by its distance, all of it where that is 15 or more; 0 for the bits of a zero.
TTX_INLINE HalfVector shift_right(HalfVector significand, HalfVector distance, HalfVector bits) {
  const __mmask32 some = _mm512_test_epi16_mask((__m512i)bits, _mm512_set1_epi16(0x7FFF));
  return (HalfVector)_mm512_maskz_srlv_epi16(some, (__m512i)significand, (__m512i)distance);
}

/// `magnitude` with the sign of a bf16.
TTX_INLINE HalfVector with_sign(HalfVector magnitude, HalfVector bits) {
  const __mmask32 negative = _mm512_movepi16_mask((__m512i)bits);
  return (HalfVector)_mm512_mask_sub_epi16((__m512i)magnitude, negative, _mm512_setzero_si512(),
                                           (__m512i)magnitude);
}

/// The lower bytes of a group's numbers.
TTX_INLINE __m256i as_bytes(const HalfVector (&numbers)[1]) {
  return _mm512_cvtepi16_epi8((__m512i)numbers[0]);
}
