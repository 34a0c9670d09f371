// SPDX-License-Identifier: Apache-2.0

// The pair rule as two fused multiply-adds: the odd elements, then the even ones, each widened to fp32.
constexpr int kSteps = 2;
using Factor = Vector;
/// What attention keeps queries and probabilities as: widened once instead of at every use.
using Operand = float;

template <int kStep>
TTX_INLINE Factor factor_of(PairVector pairs) {
  return kStep == 0 ? (Vector)(pairs & 0xFFFF0000U) : (Vector)(pairs << 16U);
}
