// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>

#include "kernels/table.hpp"
#include "runtime/device_numerics/rounding.hpp"
#include "runtime/device_numerics/rows.hpp"

namespace ttx::device_numerics {

namespace {

// Elements that go through a function of the kernels at once.
constexpr std::int64_t kPart = 256;
using Values = std::array<float, kPart>;
using Function = void (*)(const float* x, std::int64_t n, float* out);

float same(float x) { return x; }

/// combine(a, function(inner(a))) of every element.
template <class Inner, class Combine>
void by_function(const kernels::ElementwiseCall& call, Function function, Inner inner, Combine combine) {
  Values in{};
  Values out{};
  for (std::int64_t begin = 0; begin < call.count; begin += kPart) {
    const std::int64_t count = std::min(kPart, call.count - begin);
    for (std::int64_t i = 0; i < count; ++i) {
      in[static_cast<std::size_t>(i)] = inner(operand(call.a[begin + i]));
    }
    function(in.data(), count, out.data());
    for (std::int64_t i = 0; i < count; ++i) {
      call.out[begin + i] = packed(combine(operand(call.a[begin + i]), out[static_cast<std::size_t>(i)]));
    }
  }
}

/// combine(a, b) of every element.
template <class Combine>
void by_pairs(const kernels::ElementwiseCall& call, Combine combine) {
  for (std::int64_t i = 0; i < call.count; ++i) {
    call.out[i] = packed(combine(operand(call.a[i]), operand(call.b[i])));
  }
}

/// combine(a) of every element.
template <class Combine>
void by_element(const kernels::ElementwiseCall& call, Combine combine) {
  for (std::int64_t i = 0; i < call.count; ++i) {
    call.out[i] = packed(combine(operand(call.a[i])));
  }
}

float times_sigmoid(float a, float exponential) { return a * (1.0F / (1.0F + exponential)); }

}  // namespace

void silu(const kernels::ElementwiseCall& call) {
  by_function(
      call, kernels::active().exponential, [](float a) { return -a; }, times_sigmoid);
}

void gelu_tanh(const kernels::ElementwiseCall& call) {
  // (1 + tanh u) / 2 is the sigmoid of 2u, u = sqrt(2/pi) (a + 0.044715 a^3).
  const auto minus_twice_u = [](float a) { return -(a * ((a * a) * 0x1.2444f2p-4F + 0x1.988454p+0F)); };
  by_function(call, kernels::active().exponential, minus_twice_u, times_sigmoid);
}

void gelu_erf(const kernels::ElementwiseCall& call) {
  by_function(call, kernels::active().normal_cdf, same, [](float a, float cdf) { return a * cdf; });
}

void tanh(const kernels::ElementwiseCall& call) {
  by_function(call, kernels::active().hyperbolic_tangent, same, [](float, float result) { return result; });
}

void relu(const kernels::ElementwiseCall& call) {
  by_element(call, [](float a) { return a <= 0.0F ? 0.0F : a; });
}

void square(const kernels::ElementwiseCall& call) {
  by_element(call, [](float a) { return a * a; });
}

void mul(const kernels::ElementwiseCall& call) {
  by_pairs(call, [](float a, float b) { return a * b; });
}

void mul_scalar(const kernels::ElementwiseCall& call) {
  const float scalar = flushed(call.scalar);
  by_element(call, [scalar](float a) { return a * scalar; });
}

void add(const kernels::ElementwiseCall& call) {
  by_pairs(call, [](float a, float b) { return a + b; });
}

}  // namespace ttx::device_numerics
