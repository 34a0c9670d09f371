// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstring>

#include "runtime/error.hpp"
#include "runtime/ops.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "pad";

/// `from` is of the shape `in`, `to` of `shape`.
template <class T>
void fill(const T* from, const Shape& in, const std::array<Padding, 4>& padding, T value, const Shape& shape,
          T* to) {
  std::fill_n(to, shape.volume(), value);
  for (std::int64_t i = 0; i < in[0]; ++i) {
    for (std::int64_t j = 0; j < in[1]; ++j) {
      for (std::int64_t row = 0; row < in[2]; ++row, from += in[3]) {
        const std::int64_t plane = (padding[0].before + i) * shape[1] + padding[1].before + j;
        const std::int64_t first =
            (plane * shape[2] + padding[2].before + row) * shape[3] + padding[3].before;
        std::memcpy(to + first, from, static_cast<std::size_t>(in[3]) * sizeof(T));
      }
    }
  }
}

}  // namespace

Tensor pad(const Tensor& x, const std::array<Padding, 4>& padding, float value) {
  TTX_CHECK(!x.empty() && x.format() == Format::kRows &&
                (x.dtype() == DataType::BFLOAT16 || x.dtype() == DataType::FLOAT32),
            kOp, "x: got {}, expected rows of BFLOAT16 or FLOAT32", x.describe());
  TTX_CHECK(!x.placement().is_partial(), kOp, "x is partial: got {}; all_reduce first", x.describe());
  TTX_CHECK(x.shape().rank() == 4, kOp, "x: got {}, expected four dims", x.describe());
  Shape shape = x.shape();
  for (int dim = 0; dim < 4; ++dim) {
    const auto [before, after] = padding[static_cast<std::size_t>(dim)];
    TTX_CHECK(before >= 0 && after >= 0, kOp,
              "dim {}: got {} before and {} after, expected zero or more; slice "
              "takes elements away",
              dim, before, after);
    TTX_CHECK(!x.placement().is_sharded(dim) || (before == 0 && after == 0), kOp,
              "dim {} is spread over devices: got {}; all_gather first", dim, x.describe());
    shape = shape.with(dim, before + shape[dim] + after);
  }
  if (shape == x.shape()) {
    return x;
  }
  Tensor out = Tensor::rows(x.device(), shape, x.dtype(), x.layout(), x.placement());
  if (x.dtype() == DataType::BFLOAT16) {
    fill(x.bf16().data(), x.shape(), padding, to_bfloat16(value), shape, out.mutable_bf16().data());
  } else {
    fill(x.f32().data(), x.shape(), padding, value, shape, out.mutable_f32().data());
  }
  return out;
}

}  // namespace ttx
