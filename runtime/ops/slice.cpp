// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "slice";

void check_range(const Tensor& x, int dim, std::int64_t begin, std::int64_t end) {
  const std::int64_t size = x.shape()[dim];
  TTX_CHECK(begin >= 0 && begin < end && end <= size, kOp,
            "dim {}: got [{}, {}), expected a range within [0, {}) of {}", dim, begin, end, size,
            x.describe());
  TTX_CHECK(!x.placement().is_sharded(dim) || end - begin == size, kOp,
            "dim {} is spread over devices: got {}; all_gather first", dim, x.describe());
}

/// Whether a piece of `whole` lies together: before the last dim that is cut there is one of everything.
bool lies_together(const Shape& whole, const Shape& piece) {
  int cut = 3;
  while (cut > 0 && piece[cut] == whole[cut]) {
    --cut;
  }
  bool single = true;
  for (int dim = 0; dim < cut; ++dim) {
    single = single && piece[dim] == 1;
  }
  return single;
}

}  // namespace

Tensor slice(const Tensor& x, const std::array<std::int64_t, 4>& begins,
             const std::array<std::int64_t, 4>& ends) {
  TTX_CHECK(!x.empty() && x.format() == Format::kRows, kOp, "x: got {}, expected rows", x.describe());
  TTX_CHECK(x.shape().rank() == 4, kOp, "x: got {}, expected four dims", x.describe());
  Shape shape = x.shape();
  for (int dim = 0; dim < 4; ++dim) {
    const auto at = static_cast<std::size_t>(dim);
    check_range(x, dim, begins[at], ends[at]);
    shape = shape.with(dim, ends[at] - begins[at]);
  }
  if (shape == x.shape()) {
    return x;
  }
  if (lies_together(x.shape(), shape)) {
    const auto& [i, j, row, column] = begins;
    const std::int64_t first = ((i * x.shape()[1] + j) * x.shape()[2] + row) * x.shape()[3] + column;
    return x.view(first, shape, x.placement());
  }
  Tensor out = Tensor::rows(x.device(), shape, x.dtype(), x.layout(), x.placement());
  const auto bytes = [&](std::int64_t values) {
    return static_cast<std::size_t>(values) * size_of(x.dtype());
  };
  // Whole rows lie in one piece.
  const bool whole_rows = shape[3] == x.shape()[3];
  const std::size_t piece = bytes(shape[3] * (whole_rows ? shape[2] : 1));
  const std::byte* const from = x.row_bytes().data();
  std::byte* to = out.storage().as<std::byte>();
  for (std::int64_t i = begins[0]; i < ends[0]; ++i) {
    for (std::int64_t j = begins[1]; j < ends[1]; ++j) {
      for (std::int64_t row = begins[2]; row < (whole_rows ? begins[2] + 1 : ends[2]); ++row, to += piece) {
        const std::int64_t first = (i * x.shape()[1] + j) * x.shape()[2] + row;
        std::memcpy(to, from + bytes(first * x.shape()[3] + begins[3]), piece);
      }
    }
  }
  return out;
}

}  // namespace ttx
