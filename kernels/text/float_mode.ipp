// SPDX-License-Identifier: Apache-2.0

/// Round to nearest, no traps, flush-to-zero and denormals-are-zero, for as long as it lives; then what was
/// before. The compiler knows nothing of this: what computes under it must sit behind a call that is not
/// inlined.
class FloatMode {
 public:
  FloatMode() : saved_(_mm_getcsr()) { _mm_setcsr(kFlushAll); }
  ~FloatMode() { _mm_setcsr(saved_); }
  FloatMode(const FloatMode&) = delete;
  FloatMode& operator=(const FloatMode&) = delete;

 private:
  static constexpr unsigned kMaskedTraps = 0x1F80U;
  static constexpr unsigned kFlushAll = kMaskedTraps | 0x8000U | 0x0040U;
  unsigned saved_;
};
