// SPDX-License-Identifier: Apache-2.0

// For x >= 0, tanh(x) = x + x * z p(z), z = x^2, p of degree 4 with the least greatest relative error on |x|
// < 0.625 (4.4e-9); beyond, where nothing cancels, 1 - 2 / (exp(2x) + 1). The sign is put on at the end.

constexpr float kTanhSmall = 0.625F;

/// NaN gives NaN, infinities give 1 with their sign, zeros themselves.
TTX_INLINE Lanes tanh_lanes(Lanes x) {
  const LaneBits sign = (LaneBits)x & 0x80000000U;
  const Lanes size = (Lanes)((LaneBits)x & 0x7FFFFFFFU);
  const Lanes z = size * size;
  Lanes p = z * -0x1.75e1c2p-8F + 0x1.522698p-6F;
  p = p * z - 0x1.b83c5ap-5F;
  p = p * z + 0x1.110726p-3F;
  p = p * z - 0x1.555532p-2F;
  const Lanes near = size + size * (z * p);
  const Lanes far = 1.0F - 2.0F / (exp_lanes(size * 2.0F) + 1.0F);
  return (Lanes)((LaneBits)pick(size < kTanhSmall, near, far) | sign);
}
