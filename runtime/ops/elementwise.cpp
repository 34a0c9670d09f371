// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/table.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx {

namespace {

// Elements that one thread takes together: a cut inside would share cache lines.
constexpr std::int64_t kGroup = 1024;

using Kernel = void (*)(const kernels::ElementwiseCall&);

Tensor run(Kernel kernel, const Tensor& a, const bfloat16* b) {
  Tensor out = ops::new_activation(a, a.shape(), a.placement());
  const bfloat16* const in = a.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  const std::int64_t count = a.shape().volume();
  ops::parallel(a.device(), (count + kGroup - 1) / kGroup, 6 * kGroup,
                [&](std::int64_t first, std::int64_t last) {
                  const std::int64_t begin = first * kGroup;
                  kernels::ElementwiseCall call;
                  call.a = in + begin;
                  call.b = b == nullptr ? nullptr : b + begin;
                  call.count = std::min(count, last * kGroup) - begin;
                  call.out = result + begin;
                  kernel(call);
                });
  return out;
}

Tensor binary(Kernel kernel, const Tensor& a, const Tensor& b, const char* op) {
  ops::check_activation(a, op, "a");
  ops::check_activation(b, op, "b");
  ops::check_same_device(a, b, op);
  TTX_CHECK(a.shape() == b.shape(), op, "shapes differ: got {} and {}", a.describe(), b.describe());
  TTX_CHECK(a.placement() == b.placement(), op,
            "placements differ: got {} and {}; all_gather the sharded one first", a.describe(), b.describe());
  return run(kernel, a, b.bf16().data());
}

}  // namespace

Tensor add(const Tensor& a, const Tensor& b) { return binary(kernels::active().add, a, b, "add"); }

Tensor mul(const Tensor& a, const Tensor& b) { return binary(kernels::active().mul, a, b, "mul"); }

Tensor silu(const Tensor& x) {
  ops::check_activation(x, "silu", "x");
  return run(kernels::active().silu, x, nullptr);
}

}  // namespace ttx
