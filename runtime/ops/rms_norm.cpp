// SPDX-License-Identifier: Apache-2.0
#include "kernels/table.hpp"
#include "runtime/device_numerics/rows.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx {

Tensor rms_norm(const Tensor& x, const Tensor& weight, float epsilon) {
  constexpr const char* kOp = "rms_norm";
  ops::check_activation(x, kOp, "x");
  ops::check_activation(weight, kOp, "weight");
  ops::check_replicated(weight, kOp, "weight");
  ops::check_same_device(x, weight, kOp);
  TTX_CHECK(x.shape().rank() >= 1, kOp, "x: got {}, expected at least one dim", x.describe());
  const std::int64_t width = x.shape()[-1];
  TTX_CHECK(weight.shape().rank() >= 1 && weight.shape()[-1] == width && weight.shape().volume() == width,
            kOp, "weight: got {}, expected [1, 1, 1, {}] for {}", weight.describe(), width, x.describe());
  TTX_CHECK(!ops::sharded_on_last(x.placement(), x.shape().rank()), kOp,
            "the dim that is normalised must be whole: got {}; all_gather first", x.describe());
  TTX_CHECK(epsilon >= 0.0F, kOp, "epsilon: got {}, expected zero or more", epsilon);

  Tensor out = ops::new_activation(x, x.shape(), x.placement());
  const bfloat16* const in = x.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  const auto kernel = x.device().profile().numerics == Numerics::kDevice ? device_numerics::rms_norm
                                                                         : kernels::active().rms_norm;
  const std::int64_t rows = width == 0 ? 0 : x.shape().volume() / width;
  ops::parallel(x.device(), rows, 4 * width, [&](std::int64_t first, std::int64_t last) {
    kernels::RmsNormCall call;
    call.x = in + first * width;
    call.rows = last - first;
    call.width = width;
    call.weight = weight.bf16().data();
    call.epsilon = epsilon;
    call.out = result + first * width;
    kernel(call);
  });
  return out;
}

}  // namespace ttx
