// SPDX-License-Identifier: Apache-2.0

TTX_WORK void round_work(const float* x, std::int64_t n, Bf16* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_bf16(load_f32(x + i), out + i);
  }
  store_bf16_part(load_f32_part(x + i, n - i), out + i, n - i);
}

TTX_WORK void widen_work(const Bf16* x, std::int64_t n, float* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_f32(load_bf16(x + i), out + i);
  }
  for (; i < n; ++i) {
    const std::uint32_t bits = static_cast<std::uint32_t>(x[i].bits) << 16U;
    __builtin_memcpy(out + i, &bits, sizeof bits);
  }
}

/// IEEE half to fp32, exactly, by moving the exponent.
TTX_INLINE Lanes half_lanes(LaneHalves halves) {
  const LaneBits bits = __builtin_convertvector(halves, LaneBits);
  const LaneBits sign = (bits & 0x8000U) << 16U;
  const LaneBits magnitude = bits & 0x7FFFU;
  // A half denormal has exponent field 0 after the shift, where flushing would lose it: it is counted in
  // 2^-24 instead.
  const Lanes counted = __builtin_convertvector((LaneMask)magnitude, Lanes) * 0x1p-24F;
  const Lanes moved = (Lanes)((magnitude << 13U) + ((127U - 15U) << 23U));
  const LaneBits special = (magnitude << 13U) | 0x7F800000U;
  const LaneBits finite = pick(magnitude < 0x0400U, (LaneBits)counted, (LaneBits)moved);
  return (Lanes)(pick(magnitude >= 0x7C00U, special, finite) | sign);
}

TTX_WORK void half_work(const std::uint16_t* x, std::int64_t n, Bf16* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    LaneHalves halves;
    __builtin_memcpy(&halves, x + i, sizeof halves);
    store_bf16(half_lanes(halves), out + i);
  }
  LaneHalves halves = {};
  for (std::int64_t j = i; j < n; ++j) {
    halves[static_cast<int>(j - i)] = x[j];
  }
  store_bf16_part(half_lanes(halves), out + i, n - i);
}
