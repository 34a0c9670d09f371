// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/table.hpp"
#include "runtime/device_numerics/rows.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx {

namespace {

// Elements of a row that are taken together: a cut inside would share cache lines.
constexpr std::int64_t kGroup = 1024;

using Kernel = void (*)(const kernels::ElementwiseCall&);

/// mul(a, activation(b)) as the hardware does it, one after the other.
template <Kernel kActivation>
void one_after_the_other(const kernels::ElementwiseCall& call) {
  kernels::ElementwiseCall activation;
  activation.a = call.b;
  activation.count = call.count;
  activation.out = call.out;
  kActivation(activation);
  kernels::ElementwiseCall product = call;
  product.b = call.out;
  device_numerics::mul(product);
}

struct Kernels {
  Kernel exact;
  Kernel device;
};

Tensor gated(const Kernels& kernels, const Tensor& x, const char* op) {
  ops::check_activation(x, op, "x");
  TTX_CHECK(x.shape().rank() >= 1 && x.shape()[-1] % 2 == 0, op,
            "x: got {}, expected an even last dim, two halves side by side", x.describe());
  const Kernel kernel = x.device().profile().numerics == Numerics::kDevice ? kernels.device : kernels.exact;
  const std::int64_t width = x.shape()[-1] / 2;
  Tensor out = ops::new_activation(x, x.shape().with(-1, width), x.placement());
  const std::int64_t rows = width == 0 ? 0 : out.shape().volume() / width;
  const std::int64_t groups = (width + kGroup - 1) / kGroup;
  const bfloat16* const in = x.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  ops::parallel(x.device(), rows * groups, 6 * std::min(width, kGroup),
                [&](std::int64_t first, std::int64_t last) {
                  for (std::int64_t i = first; i < last; ++i) {
                    const std::int64_t row = i / groups;
                    const std::int64_t column = i % groups * kGroup;
                    kernels::ElementwiseCall call;
                    call.a = in + 2 * row * width + column;
                    call.b = call.a + width;
                    call.count = std::min(kGroup, width - column);
                    call.out = result + row * width + column;
                    kernel(call);
                  }
                });
  return out;
}

}  // namespace

Tensor swiglu(const Tensor& x) {
  return gated({kernels::active().mul_silu, one_after_the_other<device_numerics::silu>}, x, "swiglu");
}

Tensor geglu(const Tensor& x, GeluApproximation approximation) {
  const kernels::Table& table = kernels::active();
  return approximation == GeluApproximation::kTanh
             ? gated({table.mul_gelu_tanh, one_after_the_other<device_numerics::gelu_tanh>}, x, "geglu")
             : gated({table.mul_gelu_erf, one_after_the_other<device_numerics::gelu_erf>}, x, "geglu");
}

}  // namespace ttx
