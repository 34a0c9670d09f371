// SPDX-License-Identifier: Apache-2.0

// The normal distribution function, (1 + erf(x / sqrt 2)) / 2: for x < 0 it is exp(-x^2 / 2) * k p(k),
// k = 1 / (1 + 5/16 |x|), p of degree 9 with the least greatest relative error on 0 <= |x| <= 13.5 (9.5e-9),
// where the result is above 2^-126; for x >= 0 one minus that of -x. So the lower tail, which gelu multiplies
// by x, keeps its relative accuracy.

/// NaN gives NaN, -inf gives 0, inf gives 1, zeros give exactly 1/2.
TTX_INLINE Lanes normal_cdf_lanes(Lanes x) {
  const Lanes size = (Lanes)((LaneBits)x & 0x7FFFFFFFU);
  const Lanes k = 1.0F / (size * 0.3125F + 1.0F);
  Lanes p = k * -0x1.30709cp-6F + 0x1.6c911ap-4F;
  p = p * k - 0x1.29a606p-3F;
  p = p * k + 0x1.10a5f4p-4F;
  p = p * k + 0x1.014864p-8F;
  p = p * k + 0x1.aa6d76p-5F;
  p = p * k + 0x1.75f47ep-4F;
  p = p * k + 0x1.c93748p-4F;
  p = p * k + 0x1.ff1aaap-4F;
  p = p * k + 0x1.fe9f74p-4F;
  const Lanes tail = exp_lanes((x * x) * -0.5F) * (p * k);
  return pick(x < 0.0F, tail, 1.0F - tail);
}
