// SPDX-License-Identifier: Apache-2.0

struct RotatedPair {
  Lanes first;
  Lanes second;
};

TTX_INLINE RotatedPair rotate(Lanes x1, Lanes x2, Lanes cos1, Lanes sin1, Lanes cos2, Lanes sin2) {
  return {x1 * cos1 + (-x2) * sin1, x2 * cos2 + x1 * sin2};
}

TTX_WORK void rotary_work(const RotaryCall& call) {
  const std::int64_t half = call.width / 2;
  const std::int64_t whole = half / kLanes * kLanes;
  const std::int64_t rest = half - whole;
  for (std::int64_t vector = 0; vector < call.count; ++vector) {
    const Bf16* x = call.x + vector * call.width;
    const Bf16* cos = call.cos + vector * call.table_stride;
    const Bf16* sin = call.sin + vector * call.table_stride;
    Bf16* out = call.out + vector * call.width;
    for (std::int64_t i = 0; i < whole; i += kLanes) {
      const RotatedPair y = rotate(load_bf16(x + i), load_bf16(x + half + i), load_bf16(cos + i),
                                   load_bf16(sin + i), load_bf16(cos + half + i), load_bf16(sin + half + i));
      store_bf16(y.first, out + i);
      store_bf16(y.second, out + half + i);
    }
    if (rest > 0) {
      const auto part = [rest](const Bf16* from) { return load_bf16_part(from, rest); };
      const RotatedPair y = rotate(part(x + whole), part(x + half + whole), part(cos + whole),
                                   part(sin + whole), part(cos + half + whole), part(sin + half + whole));
      store_bf16_part(y.first, out + whole, rest);
      store_bf16_part(y.second, out + half + whole, rest);
    }
  }
}
