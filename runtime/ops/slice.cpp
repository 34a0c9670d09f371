// SPDX-License-Identifier: Apache-2.0
#include <cstring>

#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/storage.hpp"

namespace ttx {

Tensor slice_rows(const Tensor& x, std::int64_t begin, std::int64_t end) {
  constexpr const char* kOp = "slice_rows";
  TTX_CHECK(!x.empty() && x.format() == Format::kRows, kOp, "x: got {}, expected rows", x.describe());
  TTX_CHECK(x.shape().rank() == 4, kOp, "x: got {}, expected [1, 1, S, W]", x.describe());
  ops::check_leading_ones(x, kOp, "x");
  const std::int64_t rows = x.shape()[2];
  TTX_CHECK(begin >= 0 && begin < end && end <= rows, kOp,
            "rows: got [{}, {}), expected a range within [0, {}) of {}", begin, end, rows, x.describe());
  TTX_CHECK(!x.placement().is_sharded(2), kOp, "the rows are spread over devices: got {}; all_gather first",
            x.describe());
  if (begin == 0 && end == rows) {
    return x;
  }
  Tensor out = Tensor::rows(x.device(), x.shape().with(2, end - begin), x.dtype(), x.layout(), x.placement());
  const std::size_t row_bytes = static_cast<std::size_t>(x.shape()[3]) * size_of(x.dtype());
  std::memcpy(out.storage().as<std::byte>(),
              x.storage().as<std::byte>() + static_cast<std::size_t>(begin) * row_bytes,
              static_cast<std::size_t>(end - begin) * row_bytes);
  return out;
}

}  // namespace ttx
