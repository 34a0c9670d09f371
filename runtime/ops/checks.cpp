// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/checks.hpp"

#include "runtime/error.hpp"

namespace ttx::ops {

void check_activation(const Tensor& tensor, const char* op, const char* what) {
  TTX_CHECK(!tensor.empty(), op, "{} is an empty tensor; nothing was ever assigned to it", what);
  TTX_CHECK(!tensor.placement().is_partial(), op, "{} is partial: got {}; all_reduce first", what,
            tensor.describe());
  TTX_CHECK(tensor.format() == Format::kRows && tensor.dtype() == DataType::BFLOAT16, op,
            "{}: got {}, expected rows of BFLOAT16; bring it onto the device as BFLOAT16 TILE", what,
            tensor.describe());
}

void check_activation_4d(const Tensor& tensor, const char* op, const char* what) {
  check_activation(tensor, op, what);
  TTX_CHECK(tensor.shape().rank() == 4, op, "{}: got {}, expected rank 4; reshape it", what,
            tensor.describe());
}

void check_leading_ones(const Tensor& tensor, const char* op, const char* what) {
  TTX_CHECK(tensor.shape()[0] == 1 && tensor.shape()[1] == 1, op,
            "{}: got {}, expected 1 in dims 0 and 1; reshape it", what, tensor.describe());
}

void check_replicated(const Tensor& tensor, const char* op, const char* what) {
  TTX_CHECK(tensor.placement().is_replicated(), op,
            "{} must be replicated: got {}; use ReplicateTensorToMesh or all_gather", what,
            tensor.describe());
}

void check_same_device(const Tensor& a, const Tensor& b, const char* op) {
  TTX_CHECK(&a.device() == &b.device(), op, "tensors lie on different devices: {} and {}", a.describe(),
            b.describe());
}

bool sharded_on_last(Placement placement, int rank) { return placement.is_sharded(rank - 1); }

Tensor new_activation(const Tensor& x, Shape shape, Placement placement) {
  return Tensor::rows(x.device(), shape, DataType::BFLOAT16, Layout::TILE, placement);
}

}  // namespace ttx::ops
