// SPDX-License-Identifier: Apache-2.0

// One register, of kRegisterLanes fp32 lanes, as a value. The including source defines kRegisterLanes (8 or
// 16) and kMostSums, the accumulators that its registers hold beside what a step needs.

using Vector = float __attribute__((vector_size(kRegisterLanes * 4)));
/// kRegisterLanes pairs of bf16 as they lie, the even one in the low half.
using PairVector = std::uint32_t __attribute__((vector_size(kRegisterLanes * 4)));

/// The same as sixteen bits each.
using HalfVector = std::uint16_t __attribute__((vector_size(kRegisterLanes * 4)));

/// Registers across a panel.
constexpr int kPanelVectors = static_cast<int>(kPanelColumns / kRegisterLanes);
/// Rows that fit together when each has two accumulators.
constexpr int kMostRows = kMostSums / 2;
/// Accumulators per row: few rows take many, which hides the latency of one.
constexpr int vectors_beside(int rows) { return rows * 8 <= kMostSums ? 8 : rows * 4 <= kMostSums ? 4 : 2; }

TTX_INLINE Vector load_vector(const float* from) {
  Vector value;
  __builtin_memcpy(&value, from, sizeof value);
  return value;
}

TTX_INLINE void store_vector(Vector value, float* to) { __builtin_memcpy(to, &value, sizeof value); }

TTX_INLINE PairVector load_pairs(const Bf16* from) {
  PairVector pairs;
  __builtin_memcpy(&pairs, from, sizeof pairs);
  return pairs;
}

/// The four bytes at `from` in all lanes: a pair, or the bits of an fp32 (of which a sum with zero would lose
/// the sign of a zero).
TTX_INLINE PairVector broadcast_bits(const void* from) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, from, sizeof bits);
  return PairVector{} + bits;
}

constexpr std::int64_t kLineColumns = 16;

/// Asks for the cache line at `from`, 16 pairs, before it is needed. Any address may be asked for.
TTX_INLINE void fetch_line(const void* from) { _mm_prefetch(static_cast<const char*>(from), _MM_HINT_T0); }

/// The same, but no nearer than the second level of the cache.
TTX_INLINE void fetch_line_nearer(const void* from) {
  _mm_prefetch(static_cast<const char*>(from), _MM_HINT_T1);
}
