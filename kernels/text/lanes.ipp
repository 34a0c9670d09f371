// SPDX-License-Identifier: Apache-2.0

// Sixteen fp32 lanes as one value, whatever the width of the registers underneath. Each operation is the
// plain IEEE one on each lane, so every instruction set gives the same bits.

constexpr std::int64_t kLanes = 16;

using Lanes = float __attribute__((vector_size(64)));
using LaneBits = std::uint32_t __attribute__((vector_size(64)));
using LaneMask = std::int32_t __attribute__((vector_size(64)));
using LaneHalves = std::uint16_t __attribute__((vector_size(32)));

#define TTX_INLINE [[gnu::always_inline]] inline
/// The same for a lambda, behind its parameters.
#define TTX_INLINED __attribute__((always_inline))
/// Work under FloatMode is never inlined into the function that sets it.
#define TTX_WORK [[gnu::noinline]]

TTX_INLINE Lanes all_lanes(float value) {
  return Lanes{value, value, value, value, value, value, value, value,
               value, value, value, value, value, value, value, value};
}

TTX_INLINE LaneMask lane_numbers() { return LaneMask{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

TTX_INLINE Lanes load_f32(const float* from) {
  Lanes value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

TTX_INLINE void store_f32(Lanes value, float* to) { __builtin_memcpy(to, &value, sizeof value); }

/// `a` where the mask is set, else `b`.
template <class Values>
TTX_INLINE Values pick(LaneMask mask, Values a, Values b) {
  return mask ? a : b;
}

TTX_INLINE Lanes widen(LaneHalves halves) {
  return (Lanes)(__builtin_convertvector(halves, LaneBits) << 16U);
}

TTX_INLINE Lanes load_bf16(const Bf16* from) {
  LaneHalves halves;
  __builtin_memcpy(&halves, from, sizeof halves);
  return widen(halves);
}

/// fp32 to bf16: nearest even, denormals to signed zero, NaN to 0x7FC0.
#ifdef TTX_ROUNDS_NATIVELY
TTX_INLINE LaneHalves round_bf16(Lanes value) {
  // Does all of it, but keeps what a NaN carries.
  const __m256i halves = (__m256i)_mm512_cvtneps_pbh((__m512)value);
  const __mmask16 nan = _mm512_cmp_ps_mask((__m512)value, (__m512)value, _CMP_UNORD_Q);
  return (LaneHalves)_mm256_mask_mov_epi16(halves, nan, _mm256_set1_epi16(0x7FC0));
}
#else
TTX_INLINE LaneHalves round_bf16(Lanes value) {
  // Integer arithmetic only: no mode of the processor changes it.
  const LaneBits bits = (LaneBits)value;
  const LaneBits nearest = (bits + 0x7FFFU + ((bits >> 16U) & 1U)) >> 16U;
  const LaneBits sign = (bits >> 16U) & 0x8000U;
  const LaneBits quiet = LaneBits{} + 0x7FC0U;
  const LaneBits flushed = pick((bits & 0x7F800000U) == 0U, sign, nearest);
  return __builtin_convertvector(pick((bits & 0x7FFFFFFFU) > 0x7F800000U, quiet, flushed), LaneHalves);
}
#endif

TTX_INLINE void store_bf16(Lanes value, Bf16* to) {
  const LaneHalves halves = round_bf16(value);
  __builtin_memcpy(to, &halves, sizeof halves);
}

/// The first `count` lanes, zeros beyond; count is 0 to 16.
TTX_INLINE Lanes load_bf16_part(const Bf16* from, std::int64_t count) {
  Bf16 buffer[kLanes] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    buffer[i] = from[i];
  }
  return load_bf16(buffer);
}

/// The first `count` lanes, or all of them where `count` is more.
TTX_INLINE Lanes load_up_to(const Bf16* from, std::int64_t count) {
  return count >= kLanes ? load_bf16(from) : load_bf16_part(from, count);
}

TTX_INLINE void store_bf16_part(Lanes value, Bf16* to, std::int64_t count) {
  Bf16 buffer[kLanes];
  store_bf16(value, buffer);
  for (std::int64_t i = 0; i < count; ++i) {
    to[i] = buffer[i];
  }
}

TTX_INLINE void store_f32_part(Lanes value, float* to, std::int64_t count) {
  float buffer[kLanes];
  store_f32(value, buffer);
  for (std::int64_t i = 0; i < count; ++i) {
    to[i] = buffer[i];
  }
}

/// The first `count` lanes, or all of them where `count` is more, as the type of `to` says.
TTX_INLINE void store_up_to(Lanes value, float* to, std::int64_t count) {
  count >= kLanes ? store_f32(value, to) : store_f32_part(value, to, count);
}

TTX_INLINE void store_up_to(Lanes value, Bf16* to, std::int64_t count) {
  count >= kLanes ? store_bf16(value, to) : store_bf16_part(value, to, count);
}

/// bf16 values kept as bf16 or as fp32, as the type of the pointer says. copy_rounded keeps every bit.
TTX_INLINE void store_rounded(Lanes value, Bf16* to) { store_bf16(value, to); }
TTX_INLINE void store_rounded(Lanes value, float* to) { store_f32(widen(round_bf16(value)), to); }
TTX_INLINE void copy_rounded(const Bf16* from, Bf16* to) {
  __builtin_memcpy(to, from, kLanes * sizeof(Bf16));
}
TTX_INLINE void copy_rounded(const Bf16* from, float* to) { store_f32(load_bf16(from), to); }
TTX_INLINE Lanes load_rounded(const Bf16* from) { return load_bf16(from); }
TTX_INLINE Lanes load_rounded(const float* from) { return load_f32(from); }

TTX_INLINE Lanes load_f32_part(const float* from, std::int64_t count) {
  float buffer[kLanes] = {};
  for (std::int64_t i = 0; i < count; ++i) {
    buffer[i] = from[i];
  }
  return load_f32(buffer);
}

using EightLanes = float __attribute__((vector_size(32)));
using FourLanes = float __attribute__((vector_size(16)));

/// The lanes as one, combined in the fixed order (i,i+8) (i,i+4) (i,i+2) (i,i+1).
template <class Combine>
TTX_INLINE float tree_of_lanes(Lanes value, const Combine& combine) {
  const EightLanes eight = combine(__builtin_shufflevector(value, value, 0, 1, 2, 3, 4, 5, 6, 7),
                                   __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15));
  const FourLanes four = combine(__builtin_shufflevector(eight, eight, 0, 1, 2, 3),
                                 __builtin_shufflevector(eight, eight, 4, 5, 6, 7));
  const FourLanes two = combine(four, __builtin_shufflevector(four, four, 2, 3, 0, 1));
  return combine(two, __builtin_shufflevector(two, two, 1, 0, 3, 2))[0];
}

TTX_INLINE float sum_of_lanes(Lanes value) {
  return tree_of_lanes(value, [](auto a, auto b) TTX_INLINED { return a + b; });
}

/// `a` where it is greater, else `b`: so `b` when either is a NaN.
TTX_INLINE Lanes greater_of(Lanes a, Lanes b) { return pick(a > b, a, b); }

/// The greatest lane, by the same rule.
TTX_INLINE float greatest_of_lanes(Lanes value) {
  return tree_of_lanes(value, [](auto a, auto b) TTX_INLINED { return a > b ? a : b; });
}

TTX_INLINE float square_root(float value) { return _mm_cvtss_f32(_mm_sqrt_ss(_mm_set_ss(value))); }
