// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "kernels/table.hpp"
#include "runtime/device_numerics/rows.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/device_limits.hpp"
#include "runtime/ops/parallel.hpp"

namespace ttx::experimental {

namespace {

constexpr const char* kOp = "rotary_embedding";

void check_table(const Tensor& table, const Tensor& x, const char* what) {
  ops::check_activation_4d(table, kOp, what);
  ops::check_replicated(table, kOp, what);
  ops::check_leading_ones(table, kOp, what);
  ops::check_same_device(table, x, kOp);
  TTX_CHECK(table.shape()[3] == x.shape()[3], kOp, "{}: got {}, expected the width of x, {}", what,
            table.describe(), x.shape()[3]);
}

}  // namespace

Tensor rotary_embedding(const Tensor& x, const Tensor& cos, const Tensor& sin,
                        std::optional<std::int64_t> token_index) {
  ops::check_activation_4d(x, kOp, "x");
  const std::int64_t width = x.shape()[3];
  TTX_CHECK(width % 2 == 0, kOp, "x: got {}, expected an even last dim; pad each half of the heads",
            x.describe());
  ops::check_rotary_width(x);
  TTX_CHECK(x.shape()[0] == 1, kOp, "x: got {}, expected 1 in dim 0", x.describe());
  TTX_CHECK(!x.placement().is_sharded(3), kOp, "the head dim must be whole: got {}; all_gather first",
            x.describe());
  check_table(cos, x, "cos");
  check_table(sin, x, "sin");
  TTX_CHECK(cos.shape() == sin.shape(), kOp, "cos and sin differ: got {} and {}", cos.describe(),
            sin.describe());
  const std::int64_t table_rows = cos.shape()[2];
  if (token_index.has_value()) {
    TTX_CHECK(*token_index >= 0 && *token_index < table_rows, kOp,
              "token index: got {}, expected 0 to {}; make the tables as long as the sequence may become",
              *token_index, table_rows - 1);
  } else {
    TTX_CHECK(!x.placement().is_sharded(2), kOp,
              "positions are spread over devices: got {}; shard the heads instead", x.describe());
    TTX_CHECK(x.shape()[2] <= table_rows, kOp,
              "sequence too long: got {} positions, expected at most the {} rows of cos and sin; make the "
              "tables longer",
              x.shape()[2], table_rows);
  }

  Tensor out = ops::new_activation(x, x.shape(), x.placement());
  // Without a token index the vectors of one head stand at positions 0, 1, ...; with one they all stand at
  // that position.
  const std::int64_t positions = token_index.has_value() ? 1 : x.shape()[2];
  const std::int64_t first_row = token_index.value_or(0) * width;
  const std::int64_t vectors = width == 0 ? 0 : x.shape().volume() / width;
  const bfloat16* const in = x.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  const auto kernel =
      x.device().profile().numerics == Numerics::kDevice ? device_numerics::rotary : kernels::active().rotary;
  ops::parallel(x.device(), vectors, 8 * width, [&](std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      const std::int64_t position = begin % positions;
      kernels::RotaryCall call;
      call.x = in + begin * width;
      call.count = token_index.has_value() ? end - begin : std::min(end - begin, positions - position);
      call.width = width;
      call.cos = cos.bf16().data() + first_row + position * width;
      call.sin = sin.bf16().data() + first_row + position * width;
      call.table_stride = token_index.has_value() ? 0 : width;
      call.out = result + begin * width;
      kernel(call);
      begin += call.count;
    }
  });
  return out;
}

}  // namespace ttx::experimental
