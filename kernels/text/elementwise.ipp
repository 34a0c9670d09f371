// SPDX-License-Identifier: Apache-2.0

/// silu(inf) is inf; of a large negative number it is -0; of -inf it is NaN, as -inf times 0 is.
struct Silu {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) { return a * (1.0F / (1.0F + exp_lanes(-a))); }
};
struct Product {
  TTX_INLINE static Lanes apply(Lanes a, Lanes b) { return a * b; }
};
struct Sum {
  TTX_INLINE static Lanes apply(Lanes a, Lanes b) { return a + b; }
};

template <class Op, bool kBinary>
TTX_WORK void elementwise_work(const ElementwiseCall& call) {
  std::int64_t i = 0;
  for (; i + kLanes <= call.count; i += kLanes) {
    const Lanes b = kBinary ? load_bf16(call.b + i) : Lanes{};
    store_bf16(Op::apply(load_bf16(call.a + i), b), call.out + i);
  }
  const std::int64_t rest = call.count - i;
  if (rest > 0) {
    const Lanes b = kBinary ? load_bf16_part(call.b + i, rest) : Lanes{};
    store_bf16_part(Op::apply(load_bf16_part(call.a + i, rest), b), call.out + i, rest);
  }
}
