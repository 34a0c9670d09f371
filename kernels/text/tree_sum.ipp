// SPDX-License-Identifier: Apache-2.0

/// The tree as a binary counter: `level[h]` holds a finished subtree of 2^h parts. What is left at the end,
/// the cut at the largest power of two, is added from the smallest subtree up. +0 is added last: a sum of
/// zeros is then +0 however many terms of zeros there are, so devices that hold nothing but zeros change no
/// bit.
TTX_INLINE Lanes tree_sum_lanes(const TreeSumCall& call, std::int64_t at, std::int64_t rest) {
  Lanes level[7];
  for (int part = 0; part < call.count; ++part) {
    Lanes sum = rest >= kLanes ? load_f32(call.parts[part] + at) : load_f32_part(call.parts[part] + at, rest);
    int height = 0;
    for (; (part >> height & 1) != 0; ++height) {
      sum = level[height] + sum;
    }
    level[height] = sum;
  }
  int height = __builtin_ctz(static_cast<unsigned>(call.count));
  Lanes sum = level[height];
  for (++height; call.count >> height != 0; ++height) {
    if ((call.count >> height & 1) != 0) {
      sum = level[height] + sum;
    }
  }
  return sum + all_lanes(0.0F);
}

TTX_WORK void tree_sum_work(const TreeSumCall& call) {
  std::int64_t at = 0;
  for (; at + kLanes <= call.n; at += kLanes) {
    const Lanes sum = tree_sum_lanes(call, at, kLanes);
    if (call.out_f32 != nullptr) {
      store_f32(sum, call.out_f32 + at);
    } else {
      store_bf16(sum, call.out_bf16 + at);
    }
  }
  const std::int64_t rest = call.n - at;
  if (rest > 0) {
    const Lanes sum = tree_sum_lanes(call, at, rest);
    if (call.out_f32 != nullptr) {
      store_f32_part(sum, call.out_f32 + at, rest);
    } else {
      store_bf16_part(sum, call.out_bf16 + at, rest);
    }
  }
}
