// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx {

Tensor transpose(const Tensor& x, int dim0, int dim1) {
  constexpr const char* kOp = "transpose";
  ops::check_activation_4d(x, kOp, "x");
  const int low = normalize_dim(dim0, 4, kOp);
  const int high = normalize_dim(dim1, 4, kOp);
  TTX_CHECK((low == 1 && high == 2) || (low == 2 && high == 1), kOp, "dims: got {} and {}, expected 1 and 2",
            dim0, dim1);
  const Shape& in_shape = x.shape();
  const Shape shape = in_shape.with(1, in_shape[2]).with(2, in_shape[1]);
  Placement placement = x.placement();
  if (placement.is_sharded(1) || placement.is_sharded(2)) {
    placement.dim = 3 - placement.dim;
  }
  if (in_shape[1] == 1 || in_shape[2] == 1) {  // the values already lie in that order
    return x.reshaped(shape).placed(placement);
  }
  Tensor out = ops::new_activation(x, shape, placement);
  const std::int64_t rows = in_shape[1];
  const std::int64_t columns = in_shape[2];
  const std::int64_t width = in_shape[3];
  const bfloat16* const in = x.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  ops::parallel(x.device(), in_shape[0] * columns, 4 * rows * width,
                [&](std::int64_t first, std::int64_t last) {
                  for (std::int64_t i = first; i < last; ++i) {
                    const std::int64_t outer = i / columns * rows;
                    for (std::int64_t row = 0; row < rows; ++row) {
                      std::memcpy(result + (i * rows + row) * width,
                                  in + ((outer + row) * columns + i % columns) * width,
                                  static_cast<std::size_t>(width) * sizeof(bfloat16));
                    }
                  }
                });
  return out;
}

}  // namespace ttx
