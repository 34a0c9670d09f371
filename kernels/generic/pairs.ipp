// SPDX-License-Identifier: Apache-2.0

TTX_INLINE float widen_one(Bf16 value) {
  return __builtin_bit_cast(float, static_cast<std::uint32_t>(value.bits) << 16U);
}

/// A pair of neighbouring bf16, as doubles; denormals become zero on the way.
struct Pair {
  double even;
  double odd;
};

TTX_INLINE Pair load_pair(const Bf16* from) { return {widen_one(from[0]), widen_one(from[1])}; }

/// What attention keeps queries and probabilities as.
using Operand = Bf16;

/// acc[c] = fma(even, fma(odd, acc[c])) for 32 columns, w is [32][2]. The product of two bf16 is exact in
/// double, and rounding its sum with a float to double and then to float rounds as once: the steps are those
/// of an FMA.
TTX_INLINE void multiply_pair(Pair x, const Bf16* w, float* acc) {
  for (std::int64_t c = 0; c < kPanelColumns; ++c) {
    std::uint32_t bits;
    __builtin_memcpy(&bits, w + 2 * c, sizeof bits);
    const double even = __builtin_bit_cast(float, bits << 16U);
    const double odd = __builtin_bit_cast(float, bits & 0xFFFF0000U);
    const float half = static_cast<float>(x.odd * odd + static_cast<double>(acc[c]));
    acc[c] = static_cast<float>(x.even * even + static_cast<double>(half));
  }
}
