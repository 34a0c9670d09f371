// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/linear.hpp"

#include <algorithm>
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

/// Panels [first, last) of the call, whose weight is w, with the linears of two kinds of panels.
template <class Linear, class BlockFloatLinear>
void run_panels(kernels::LinearCall call, const Tensor& w, std::int64_t first, std::int64_t last,
                const Linear& linear, const BlockFloatLinear& block_float_linear) {
  call.first_panel = first;
  call.last_panel = last;
  if (w.format() == Format::kBlockFloatPanels) {
    block_float_linear(
        kernels::BlockFloatLinearCall{call, w.storage().as<std::uint8_t>(), block_float_of(w.dtype())});
  } else {
    call.panels = w.storage().as<bfloat16>();
    linear(call);
  }
}

/// All panels with the arithmetic of the hardware.
void run_on_device(Device& device, const kernels::LinearCall& call, const Tensor& w,
                   const ComputeKernelConfig& config) {
  const auto multiply = [&config](const auto& part) { device_numerics::linear(part, config); };
  ops::parallel(
      device, kernels::panel_count(call.n), kernels::panel_elements(call.k) * call.m,
      [&](std::int64_t first, std::int64_t last) { run_panels(call, w, first, last, multiply, multiply); });
}

}  // namespace

Tensor linear(const Tensor& x, const Tensor& w, const LinearOptions& options) {
  check(x, w);
  const Placement placement = output_placement(x, w);
  if (options.bias) {
    check_bias(*options.bias, w);
  }
  Device& device = x.device();
  const std::int64_t k = w.shape()[2];
  const std::int64_t n = w.shape()[3];
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
  call.n = n;
  call.k = k;
  call.blocks = w.storage().blocks;
  call.bias = options.bias ? options.bias->bf16().data() : nullptr;
  call.out_stride = n;
  if (placement.is_partial()) {
    call.out_f32 = out.mutable_f32().data();
  } else {
    call.out_bf16 = out.mutable_bf16().data();
  }

  if (device.profile().numerics == Numerics::kDevice) {
    run_on_device(device, call, w, options.compute_kernel_config.value_or(device_numerics::kLinearConfig));
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
  ops::parallel(device, kernels::panel_count(n), panel_bytes * (1 + m / kRowsPerRead),
                [&](std::int64_t first, std::int64_t last) {
                  run_panels(call, w, first, last, kernels::active().linear,
                             kernels::active().block_float_linear);
                });
  return out;
}

}  // namespace ttx
