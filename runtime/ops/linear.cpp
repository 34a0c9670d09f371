// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/linear.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "kernels/table.hpp"
#include "runtime/block_float.hpp"
#include "runtime/buffer_pool.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "linear";
// How many rows cost about as much arithmetic as reading the weight once costs time.
constexpr std::int64_t kRowsPerRead = 8;

void check(const Tensor& x, const Tensor& w) {
  ops::check_activation(x, kOp, "x");
  TTX_CHECK(!w.empty(), kOp, "w is an empty tensor; nothing was ever assigned to it");
  TTX_CHECK(w.format() == Format::kWeightPanels || w.format() == Format::kBlockFloatPanels, kOp,
            "w: got {}, expected a linear weight; bring the checkpoint's matrix onto the device transposed",
            w.describe());
  ops::check_same_device(x, w, kOp);
  TTX_CHECK(x.shape().rank() >= 2, kOp, "x: got {}, expected [..., M, K]", x.describe());
  TTX_CHECK(x.shape()[-1] == w.shape()[2], kOp,
            "inner sizes differ: got K = {} of x and {} of w ({} times {})", x.shape()[-1], w.shape()[2],
            x.describe(), w.describe());
}

void check_bias(const Tensor& bias, const Tensor& w) {
  ops::check_activation(bias, kOp, "bias");
  ops::check_same_device(bias, w, kOp);
  TTX_CHECK(!w.placement().is_sharded(2), kOp,
            "w is sharded on K, so each device has a term of the sum and none may have the bias: got {} with "
            "{}; add() "
            "it after all_reduce",
            w.describe(), bias.describe());
  const std::int64_t n = w.shape()[3];
  const int rank = bias.shape().rank();
  TTX_CHECK(rank >= 1 && bias.shape()[-1] == n && bias.shape().volume() == n, kOp,
            "bias: got {}, expected [1, 1, 1, {}] for {}", bias.describe(), n, w.describe());
  const bool by_columns = w.placement().is_sharded(3) && ops::sharded_on_last(bias.placement(), rank);
  TTX_CHECK(by_columns || (w.placement().is_replicated() && bias.placement().is_replicated()), kOp,
            "bias and w are placed differently: got {} for {}; shard both by columns, or neither",
            bias.describe(), w.describe());
}

/// Where the output lies, by the table in ops.hpp.
Placement output_placement(const Tensor& x, const Tensor& w) {
  const int rank = x.shape().rank();
  const bool columns_of_x = ops::sharded_on_last(x.placement(), rank);
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

/// Where the results of all weights lie; throws Error where one does not fit.
Placement check_all(const Tensor& x, std::span<const LinearWeight> weights) {
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

/// The panels of all weights, one weight after the other, as one row of panels.
std::int64_t panels_of(std::span<const LinearWeight> weights) {
  std::int64_t panels = 0;
  for (const LinearWeight& weight : weights) {
    panels += kernels::panel_count(weight.w->shape()[3]);
  }
  return panels;
}

/// The part that `weight` has in panels [first, last), with the linears of two kinds of panels.
template <class Linear, class BlockFloatLinear>
void run_weight(kernels::LinearCall call, const LinearWeight& weight, const Linear& linear,
                const BlockFloatLinear& block_float_linear) {
  const Tensor& w = *weight.w;
  call.n = w.shape()[3];
  call.blocks = w.storage().blocks;
  call.bias = weight.bias == nullptr ? nullptr : weight.bias->bf16().data();
  if (w.format() == Format::kBlockFloatPanels) {
    block_float_linear(
        kernels::BlockFloatLinearCall{call, w.storage().as<std::uint8_t>(), block_float_of(w.dtype())});
  } else {
    call.panels = w.storage().as<bfloat16>();
    linear(call);
  }
}

/// Panels [first, last) of all. The call has the rows, and where the first column of the result goes.
template <class Linear, class BlockFloatLinear>
void run_panels(kernels::LinearCall call, std::span<const LinearWeight> weights, std::int64_t first,
                std::int64_t last, const Linear& linear, const BlockFloatLinear& block_float_linear) {
  for (const LinearWeight& weight : weights) {
    const std::int64_t n = weight.w->shape()[3];
    const std::int64_t panels = kernels::panel_count(n);
    call.first_panel = std::max<std::int64_t>(first, 0);
    call.last_panel = std::min(last, panels);
    if (call.first_panel < call.last_panel) {
      run_weight(call, weight, linear, block_float_linear);
    }
    first -= panels;
    last -= panels;
    if (call.out_f32 != nullptr) {
      call.out_f32 += n;
    } else {
      call.out_bf16 += n;
    }
  }
}

/// All panels with the arithmetic of the hardware.
void run_on_device(Device& device, const kernels::LinearCall& call, std::span<const LinearWeight> weights,
                   const ComputeKernelConfig& config) {
  const auto multiply = [&config](const auto& part) { device_numerics::linear(part, config); };
  ops::parallel(device, panels_of(weights), kernels::panel_elements(call.k) * call.m,
                [&](std::int64_t first, std::int64_t last) {
                  run_panels(call, weights, first, last, multiply, multiply);
                });
}

Tensor side_by_side(const Tensor& x, std::span<const LinearWeight> weights,
                    const std::optional<ComputeKernelConfig>& config) {
  const Placement placement = check_all(x, weights);
  Device& device = x.device();
  const std::int64_t k = x.shape()[-1];
  std::int64_t n = 0;
  for (const LinearWeight& weight : weights) {
    n += weight.w->shape()[3];
  }
  const std::int64_t m = k == 0 ? 0 : x.shape().volume() / k;
  const DataType dtype = placement.is_partial() ? DataType::FLOAT32 : DataType::BFLOAT16;
  Tensor out = Tensor::rows(device, x.shape().with(-1, n), dtype, Layout::TILE, placement);
  if (m == 0) {
    return out;
  }

  kernels::LinearCall call;
  call.x = x.bf16().data();
  call.x_stride = k;
  call.m = m;
  call.k = k;
  call.out_stride = n;
  if (placement.is_partial()) {
    call.out_f32 = out.mutable_f32().data();
  } else {
    call.out_bf16 = out.mutable_bf16().data();
  }

  if (device.profile().numerics == Numerics::kDevice) {
    run_on_device(device, call, weights, config.value_or(device_numerics::kLinearConfig));
    return out;
  }

  std::optional<Scratch> packed;
  if (m > 1) {
    packed.emplace(device.buffers(),
                   static_cast<std::size_t>(kernels::packed_rows_elements(m, k)) * sizeof(bfloat16));
    bfloat16* const tiles = packed->as<bfloat16>();
    call.packed_x = tiles;
    ops::parallel(device, kernels::row_tile_count(m), 4 * kernels::kRowTile * k,
                  [&](std::int64_t first, std::int64_t last) {
                    kernels::active().pack_rows({call.x, k, m, k, first, last, tiles});
                  });
  }
  // Block floats are fewer bytes, but as much arithmetic.
  const std::int64_t panel_bytes = kernels::panel_elements(k) * static_cast<std::int64_t>(sizeof(bfloat16));
  ops::parallel(device, panels_of(weights), panel_bytes * (1 + m / kRowsPerRead),
                [&](std::int64_t first, std::int64_t last) {
                  run_panels(call, weights, first, last, kernels::active().linear,
                             kernels::active().block_float_linear);
                });
  return out;
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& w, const LinearOptions& options) {
  const std::array weights = {options.bias ? LinearWeight(w, *options.bias) : LinearWeight(w)};
  return side_by_side(x, weights, options.compute_kernel_config);
}

Tensor linear(const Tensor& x, std::initializer_list<LinearWeight> weights, const LinearOptions& options) {
  TTX_CHECK(!options.bias, kOp,
            "one bias for {} weights: got {}; give it with the weight whose columns it belongs to",
            weights.size(), options.bias->describe());
  return side_by_side(x, {weights.begin(), weights.size()}, options.compute_kernel_config);
}

}  // namespace ttx
