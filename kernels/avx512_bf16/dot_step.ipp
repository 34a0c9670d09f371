// SPDX-License-Identifier: Apache-2.0

// vdpbf16ps is the pair rule itself: one step, on pairs as they lie.
constexpr int kSteps = 1;
using Factor = PairVector;
/// What attention keeps queries and probabilities as.
using Operand = Bf16;

template <int kStep>
TTX_INLINE Factor factor_of(PairVector pairs) {
  return pairs;
}

TTX_INLINE Vector multiply_add(Vector sum, Factor a, Factor b) {
  return _mm512_dpbf16_ps(sum, (__m512bh)a, (__m512bh)b);
}
