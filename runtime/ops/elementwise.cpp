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

// Elements that one thread takes together: a cut inside would share cache lines.
constexpr std::int64_t kGroup = 1024;

using Kernel = void (*)(const kernels::ElementwiseCall&);

/// An op by either arithmetic.
struct Kernels {
  Kernel exact;
  Kernel device;
};

/// The second operand of a kernel that has one.
struct Second {
  const bfloat16* elements = nullptr;
  float scalar = 0.0F;
};

Tensor run(const Kernels& kernels, const Tensor& a, Second second) {
  const Kernel kernel = a.device().profile().numerics == Numerics::kDevice ? kernels.device : kernels.exact;
  Tensor out = ops::new_activation(a, a.shape(), a.placement());
  const bfloat16* const in = a.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  const std::int64_t count = a.shape().volume();
  ops::parallel(a.device(), (count + kGroup - 1) / kGroup, 6 * kGroup,
                [&](std::int64_t first, std::int64_t last) {
                  const std::int64_t begin = first * kGroup;
                  kernels::ElementwiseCall call;
                  call.a = in + begin;
                  call.b = second.elements == nullptr ? nullptr : second.elements + begin;
                  call.scalar = second.scalar;
                  call.count = std::min(count, last * kGroup) - begin;
                  call.out = result + begin;
                  kernel(call);
                });
  return out;
}

Tensor binary(const Kernels& kernels, const Tensor& a, const Tensor& b, const char* op) {
  ops::check_activation(a, op, "a");
  ops::check_activation(b, op, "b");
  ops::check_same_device(a, b, op);
  TTX_CHECK(a.shape() == b.shape(), op, "shapes differ: got {} and {}", a.describe(), b.describe());
  TTX_CHECK(a.placement() == b.placement(), op,
            "placements differ: got {} and {}; all_gather the sharded one first", a.describe(), b.describe());
  return run(kernels, a, {.elements = b.bf16().data()});
}

Tensor unary(const Kernels& kernels, const Tensor& x, const char* op) {
  ops::check_activation(x, op, "x");
  return run(kernels, x, {});
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) {
  return binary({kernels::active().add, device_numerics::add}, a, b, "add");
}

Tensor mul(const Tensor& a, const Tensor& b) {
  return binary({kernels::active().mul, device_numerics::mul}, a, b, "mul");
}

Tensor mul(const Tensor& x, float scalar) {
  ops::check_activation(x, "mul", "x");
  return run({kernels::active().mul_scalar, device_numerics::mul_scalar}, x,
             {.scalar = to_float(to_bfloat16(scalar))});
}

Tensor silu(const Tensor& x) { return unary({kernels::active().silu, device_numerics::silu}, x, "silu"); }

Tensor gelu(const Tensor& x, GeluApproximation approximation) {
  const kernels::Table& table = kernels::active();
  return approximation == GeluApproximation::kTanh
             ? unary({table.gelu_tanh, device_numerics::gelu_tanh}, x, "gelu")
             : unary({table.gelu_erf, device_numerics::gelu_erf}, x, "gelu");
}

Tensor relu(const Tensor& x) { return unary({kernels::active().relu, device_numerics::relu}, x, "relu"); }

Tensor tanh(const Tensor& x) { return unary({kernels::active().tanh, device_numerics::tanh}, x, "tanh"); }

Tensor square(const Tensor& x) {
  return unary({kernels::active().square, device_numerics::square}, x, "square");
}

}  // namespace ttx
