// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/linear_checks.hpp"

#include <optional>

#include "runtime/error.hpp"
#include "runtime/ops/checks.hpp"

namespace ttx::ops {

namespace {

constexpr const char* kOp = "linear";

void check(const Tensor& x, const Tensor& w) {
  check_activation(x, kOp, "x");
  TTX_CHECK(!w.empty(), kOp, "w is an empty tensor; nothing was ever assigned to it");
  TTX_CHECK(w.format() == Format::kWeightPanels || w.format() == Format::kBlockFloatPanels, kOp,
            "w: got {}, expected a linear weight; bring the checkpoint's matrix onto the device transposed",
            w.describe());
  check_same_device(x, w, kOp);
  TTX_CHECK(x.shape().rank() >= 2, kOp, "x: got {}, expected [..., M, K]", x.describe());
  TTX_CHECK(x.shape()[-1] == w.shape()[2], kOp,
            "inner sizes differ: got K = {} of x and {} of w ({} times {})", x.shape()[-1], w.shape()[2],
            x.describe(), w.describe());
}

void check_bias(const Tensor& bias, const Tensor& w) {
  check_activation(bias, kOp, "bias");
  check_same_device(bias, w, kOp);
  TTX_CHECK(!w.placement().is_sharded(2), kOp,
            "w is sharded on K, so each device has a term of the sum and none may have the bias: got {} with "
            "{}; add() "
            "it after all_reduce",
            w.describe(), bias.describe());
  const std::int64_t n = w.shape()[3];
  const int rank = bias.shape().rank();
  TTX_CHECK(rank >= 1 && bias.shape()[-1] == n && bias.shape().volume() == n, kOp,
            "bias: got {}, expected [1, 1, 1, {}] for {}", bias.describe(), n, w.describe());
  const bool by_columns = w.placement().is_sharded(3) && sharded_on_last(bias.placement(), rank);
  TTX_CHECK(by_columns || (w.placement().is_replicated() && bias.placement().is_replicated()), kOp,
            "bias and w are placed differently: got {} for {}; shard both by columns, or neither",
            bias.describe(), w.describe());
}

/// Where the output lies, by the table in ops.hpp.
Placement output_placement(const Tensor& x, const Tensor& w) {
  const int rank = x.shape().rank();
  const bool columns_of_x = sharded_on_last(x.placement(), rank);
  if (w.placement().is_sharded(2)) {
    TTX_CHECK(columns_of_x, kOp, "w is sharded on K, so x must be sharded on its last dim: got {} times {}",
              x.describe(), w.describe());
    return Placement::partial();
  }
  TTX_CHECK(!columns_of_x, kOp,
            "x is sharded on K and w is not: got {} times {}; shard w on dim 2, or all_gather x first",
            x.describe(), w.describe());
  if (w.placement().is_replicated()) {
    return x.placement();
  }
  TTX_CHECK(x.placement().is_replicated(), kOp,
            "w is sharded on its columns, so x must be replicated: got {} times {}", x.describe(),
            w.describe());
  return Placement::sharded(rank - 1);
}

}  // namespace

Placement check_linear(const Tensor& x, std::span<const LinearWeight> weights) {
  TTX_CHECK(!weights.empty(), kOp, "no weights: got 0, expected at least 1");
  std::optional<Placement> placement;
  for (const LinearWeight& weight : weights) {
    check(x, *weight.w);
    const Placement own = output_placement(x, *weight.w);
    TTX_CHECK(placement.value_or(own) == own, kOp,
              "weights that are taken together are placed differently: got {} and {}",
              weights.front().w->describe(), weight.w->describe());
    placement = own;
    if (weight.bias != nullptr) {
      check_bias(*weight.bias, *weight.w);
    }
  }
  return *placement;
}

}  // namespace ttx::ops
