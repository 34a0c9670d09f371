// SPDX-License-Identifier: Apache-2.0

/// Whether every exponent of a chunk is 0 or from 7 to 254: then no number leaves the normal range.
TTX_INLINE bool exponents_are_plain(const std::uint8_t* exponents) {
  const __m512i e = _mm512_loadu_si512(exponents);
  // Less one, 0 becomes 255, and 1 to 6 are at most 5.
  const __mmask64 low = _mm512_cmple_epu8_mask(_mm512_sub_epi8(e, _mm512_set1_epi8(1)), _mm512_set1_epi8(5));
  return (low | _mm512_cmpeq_epi8_mask(e, _mm512_set1_epi8(-1))) == 0;
}
