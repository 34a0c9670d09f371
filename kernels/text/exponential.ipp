// SPDX-License-Identifier: Apache-2.0

// exp(x) = 2^n * exp(r), n = round(x / ln 2), r = x - n ln 2 in two parts (n times the high part is exact),
// exp(r) by 1 + r + r^2 p(r), p of degree 4 with the least greatest relative error on |r| <= ln 2 / 2
// (3.2e-9). Multiplies and adds only, each rounded: no fused operation, no table, no library.

constexpr float kLog2E = 0x1.715476p+0F;
constexpr float kLn2High = 0x1.62e4p-1F;
constexpr float kLn2Low = 0x1.7f7d1cp-20F;
/// Adding it rounds to an integer, which then stands in the low bits.
constexpr float kRoundingShift = 0x1.8p+23F;
/// Below: the result is under 2^-126, so zero. Above: over the greatest float, so infinity.
constexpr float kExpLowest = -0x1.5d589ep+6F;
constexpr float kExpHighest = 0x1.62e42ep+6F;

/// NaN gives NaN, -inf gives 0, inf gives inf, 0 gives exactly 1.
TTX_INLINE Lanes exp_lanes(Lanes x) {
  const Lanes shifted = x * kLog2E + kRoundingShift;
  const Lanes n = shifted - kRoundingShift;
  const Lanes r = (x - n * kLn2High) - n * kLn2Low;
  Lanes p = r * 0x1.6a215ap-10F + 0x1.123b9ap-7F;
  p = p * r + 0x1.5558fcp-5F;
  p = p * r + 0x1.55549p-3F;
  p = p * r + 0x1.fffffcp-2F;
  const Lanes e = (r + (p * r) * r) + 1.0F;
  const Lanes scaled = (Lanes)((LaneBits)e + ((LaneBits)shifted << 23U));
  const Lanes bounded_below = pick(x < kExpLowest, Lanes{}, scaled);
  const Lanes bounded = pick(x > kExpHighest, all_lanes(__builtin_inff()), bounded_below);
  return pick(x != x, x, bounded);  // NOLINT(misc-redundant-expression): true of NaN alone
}
