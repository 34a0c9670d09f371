// SPDX-License-Identifier: Apache-2.0

/// silu(inf) is inf; of a large negative number it is -0; of -inf it is NaN, as -inf times 0 is. Both gelus
/// too.
struct Silu {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) { return a * (1.0F / (1.0F + exp_lanes(-a))); }
};
/// a (1 + tanh u) / 2 with u = sqrt(2/pi) (a + 0.044715 a^3). (1 + tanh u) / 2 is the sigmoid of 2u, in which
/// nothing cancels where u is negative.
struct GeluTanh {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) {
    const Lanes twice_u = a * ((a * a) * 0x1.2444f2p-4F + 0x1.988454p+0F);
    return a * (1.0F / (1.0F + exp_lanes(-twice_u)));
  }
};
struct GeluErf {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) { return a * normal_cdf_lanes(a); }
};
/// Zeros and what is below give +0; NaN stays.
struct Relu {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) { return pick(a <= 0.0F, Lanes{}, a); }
};
struct Tanh {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) { return tanh_lanes(a); }
};
struct Square {
  TTX_INLINE static Lanes apply(Lanes a, Lanes) { return a * a; }
};
struct Product {
  TTX_INLINE static Lanes apply(Lanes a, Lanes b) { return a * b; }
};
struct Sum {
  TTX_INLINE static Lanes apply(Lanes a, Lanes b) { return a + b; }
};

/// a times an activation of b, which is rounded before the product.
template <class Activation>
struct ProductWith {
  TTX_INLINE static Lanes apply(Lanes a, Lanes b) {
    return a * widen(round_bf16(Activation::apply(b, Lanes{})));
  }
};

/// What the second operand is: nothing, the elements of b, or one number for all.
enum class Second { kNone, kElements, kScalar };

template <class Op, Second kSecond>
TTX_WORK void elementwise_work(const ElementwiseCall& call) {
  const Lanes one_for_all = kSecond == Second::kScalar ? all_lanes(call.scalar) : Lanes{};
  std::int64_t i = 0;
  for (; i + kLanes <= call.count; i += kLanes) {
    const Lanes b = kSecond == Second::kElements ? load_bf16(call.b + i) : one_for_all;
    store_bf16(Op::apply(load_bf16(call.a + i), b), call.out + i);
  }
  const std::int64_t rest = call.count - i;
  if (rest > 0) {
    const Lanes b = kSecond == Second::kElements ? load_bf16_part(call.b + i, rest) : one_for_all;
    store_bf16_part(Op::apply(load_bf16_part(call.a + i, rest), b), call.out + i, rest);
  }
}
