// SPDX-License-Identifier: Apache-2.0

/// 32 bf16 as they lie: 16 pairs.
TTX_INLINE __m512i load_pairs(const Bf16* from) { return _mm512_loadu_si512(from); }

/// Asks for the 32 pairs at `from`, two cache lines, before they are needed. Any address may be asked for.
TTX_INLINE void fetch_line(const Bf16* from) {
  _mm_prefetch(reinterpret_cast<const char*>(from), _MM_HINT_T0);
  _mm_prefetch(reinterpret_cast<const char*>(from + 2 * kLanes), _MM_HINT_T0);
}

/// The pair at `from` in all 16 lanes.
TTX_INLINE __m512i broadcast_pair(const Bf16* from) {
  int pair;
  __builtin_memcpy(&pair, from, sizeof pair);
  return _mm512_set1_epi32(pair);
}

/// acc = fma(even, fma(odd, acc)) in each lane.
TTX_INLINE __m512 multiply_pairs(__m512 acc, __m512i a, __m512i b) {
  return _mm512_dpbf16_ps(acc, (__m512bh)a, (__m512bh)b);
}

TTX_INLINE __mmask16 first_lanes(std::int64_t count) {
  return count >= kLanes ? static_cast<__mmask16>(0xFFFFU) : static_cast<__mmask16>((1U << count) - 1U);
}

/// fp32 to bf16 as round_bf16 does it; the instruction differs in NaNs only, which keep their payload.
TTX_INLINE __m256i round_register(__m512 value) {
  const __m256i rounded = (__m256i)_mm512_cvtneps_pbh(value);
  const __mmask16 nan = _mm512_cmp_ps_mask(value, value, _CMP_UNORD_Q);
  return _mm256_mask_mov_epi16(rounded, nan, _mm256_set1_epi16(0x7FC0));
}

TTX_INLINE void store_columns(__m512 value, std::int64_t count, float* to) {
  _mm512_mask_storeu_ps(to, first_lanes(count), value);
}

TTX_INLINE void store_columns(__m512 value, std::int64_t count, Bf16* to) {
  _mm256_mask_storeu_epi16(to, first_lanes(count), round_register(value));
}
