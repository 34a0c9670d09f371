// SPDX-License-Identifier: Apache-2.0

// The functions of one fp32 argument, over arrays.

struct Exponential {
  TTX_INLINE static Lanes apply(Lanes x) { return exp_lanes(x); }
};
struct HyperbolicTangent {
  TTX_INLINE static Lanes apply(Lanes x) { return tanh_lanes(x); }
};
struct NormalCdf {
  TTX_INLINE static Lanes apply(Lanes x) { return normal_cdf_lanes(x); }
};

template <class Function>
TTX_WORK void function_work(const float* x, std::int64_t n, float* out) {
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_f32(Function::apply(load_f32(x + i)), out + i);
  }
  if (i < n) {
    store_f32_part(Function::apply(load_f32_part(x + i, n - i)), out + i, n - i);
  }
}
