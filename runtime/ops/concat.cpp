// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx {

Tensor concat(std::span<const Tensor> tensors, int dim) {
  constexpr const char* kOp = "concat";
  TTX_CHECK(!tensors.empty(), kOp, "no tensors: got 0, expected at least 1");
  for (const Tensor& tensor : tensors) {
    ops::check_activation(tensor, kOp, "a tensor");
  }
  const Tensor& first = tensors.front();
  const int rank = first.shape().rank();
  TTX_CHECK(rank >= 1 && normalize_dim(dim, rank, kOp) == rank - 1, kOp,
            "dim: got {} of {}, expected the last dim (-1)", dim, first.describe());
  std::int64_t width = 0;
  for (const Tensor& tensor : tensors) {
    ops::check_same_device(first, tensor, kOp);
    TTX_CHECK(tensor.shape().rank() == rank && tensor.shape().with(-1, 0) == first.shape().with(-1, 0), kOp,
              "all sizes but the last must agree: got {} and {}", first.describe(), tensor.describe());
    TTX_CHECK(tensor.placement() == first.placement(), kOp, "placements differ: got {} and {}",
              first.describe(), tensor.describe());
    width += tensor.shape()[-1];
  }

  Tensor out = ops::new_activation(first, first.shape().with(-1, width), first.placement());
  bfloat16* const result = out.mutable_bf16().data();
  const std::int64_t rows = width == 0 ? 0 : out.shape().volume() / width;
  ops::parallel(first.device(), rows, 4 * width, [&](std::int64_t begin, std::int64_t end) {
    std::int64_t column = 0;
    for (const Tensor& tensor : tensors) {
      const std::int64_t part = tensor.shape()[-1];
      const bfloat16* const in = tensor.bf16().data();
      for (std::int64_t row = begin; row < end; ++row) {
        std::memcpy(result + row * width + column, in + row * part,
                    static_cast<std::size_t>(part) * sizeof(bfloat16));
      }
      column += part;
    }
  });
  return out;
}

Tensor concat(std::initializer_list<Tensor> tensors, int dim) {
  return concat(std::span<const Tensor>(tensors.begin(), tensors.size()), dim);
}

}  // namespace ttx
