// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is from `first` to `last`.
TTX_INLINE bool exponents_within(const std::uint8_t* exponents, int first, int last) {
  const auto* const halves = reinterpret_cast<const __m256i*>(exponents);
  const __m256i least = _mm256_set1_epi8(static_cast<char>(first));
  const __m256i span = _mm256_set1_epi8(static_cast<char>(last - first));
  const __m256i most = _mm256_max_epu8(_mm256_sub_epi8(_mm256_loadu_si256(halves), least),
                                       _mm256_sub_epi8(_mm256_loadu_si256(halves + 1), least));
  const __m256i within = _mm256_cmpeq_epi8(_mm256_max_epu8(most, span), span);
  return _mm256_testc_si256(within, _mm256_set1_epi8(-1)) != 0;
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

TTX_INLINE HalfVector greater_of(HalfVector a, HalfVector b) {
  return (HalfVector)_mm256_max_epu16((__m256i)a, (__m256i)b);
}

TTX_INLINE HalfVector lesser_of(HalfVector a, HalfVector b) {
  return (HalfVector)_mm256_min_epu16((__m256i)a, (__m256i)b);
}

TTX_INLINE HalfVector zeros_become(HalfVector a, std::uint16_t value) {
  const __m256i zeros = _mm256_cmpeq_epi16((__m256i)a, _mm256_setzero_si256());
  return (HalfVector)_mm256_blendv_epi8((__m256i)a, _mm256_set1_epi16(static_cast<short>(value)), zeros);
}

/// Each significand by its distance, all of it where that is 8 or more and what is left would count for
/// nothing; 0 for the bits of a zero. A shift by d is the upper half of twice the number times 2^(15 - d).
TTX_INLINE HalfVector shift_right(HalfVector significand, HalfVector distance, HalfVector bits) {
  // A byte of which bit 7 is set looks up 0: the lower one of each number, and all distances from 16 on.
  const __m256i powers =
      _mm256_broadcastsi128_si256(_mm_setr_epi8(-128, 64, 32, 16, 8, 4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0));
  const __m256i where = _mm256_slli_epi16(_mm256_adds_epu8((__m256i)distance, _mm256_set1_epi16(0x70)), 8);
  const __m256i power = _mm256_shuffle_epi8(powers, _mm256_or_si256(where, _mm256_set1_epi16(0x80)));
  const __m256i shifted = _mm256_mulhi_epu16(_mm256_slli_epi16((__m256i)significand, 1), power);
  const __m256i zero = _mm256_cmpeq_epi16(_mm256_slli_epi16((__m256i)bits, 1), _mm256_setzero_si256());
  return (HalfVector)_mm256_andnot_si256(zero, shifted);
}

/// `magnitude` with the sign of a bf16.
TTX_INLINE HalfVector with_sign(HalfVector magnitude, HalfVector bits) {
  const __m256i odd = _mm256_or_si256((__m256i)bits, _mm256_set1_epi16(1));
  return (HalfVector)_mm256_sign_epi16((__m256i)magnitude, odd);
}

/// The lower bytes of a group's numbers.
TTX_INLINE __m256i as_bytes(const HalfVector (&numbers)[2]) {
  // Saturation loses nothing.
  const __m256i mixed = _mm256_packs_epi16((__m256i)numbers[0], (__m256i)numbers[1]);
  return _mm256_permute4x64_epi64(mixed, 0xD8);
}
