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
#include "runtime/ops/linear_checks.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "linear";
// How many rows cost about as much arithmetic as reading the weight once costs time.
constexpr std::int64_t kRowsPerRead = 8;

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
  const Placement placement = ops::check_linear(x, weights);
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
