// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/linear.hpp"

#include <algorithm>
#include <memory>

#include "runtime/block_float_panels.hpp"
#include "runtime/device_numerics/matrix_unit.hpp"
#include "runtime/device_numerics/split_rows.hpp"

namespace ttx::device_numerics {

namespace {

// Rows that share an unpacked tile; bounds the memory of their parts.
constexpr std::int64_t kRows = 128;

/// The results of one panel and one block of rows, [row][32].
void finish(const kernels::LinearCall& call, std::int64_t panel, std::int64_t first_row, std::int64_t rows,
            bool fp32_dest, const float* sums) {
  const std::int64_t first_column = panel * kernels::kPanelColumns;
  const std::int64_t columns = std::min(kernels::kPanelColumns, call.n - first_column);
  for (std::int64_t m = 0; m < rows; ++m) {
    for (std::int64_t c = 0; c < columns; ++c) {
      float sum = sums[m * kTile + c];
      if (call.bias != nullptr) {
        sum = to_dest(sum + operand(call.bias[first_column + c]), fp32_dest);
      }
      const std::int64_t at = (first_row + m) * call.out_stride + first_column + c;
      if (call.out_f32 != nullptr) {
        call.out_f32[at] = through_pack(sum);
      } else {
        call.out_bf16[at] = packed(sum);
      }
    }
  }
}

/// `unpack_tile(panel, tile index along K, its rows, tile)`.
template <class UnpackTile>
void run(const kernels::LinearCall& call, const ComputeKernelConfig& config, const UnpackTile& unpack_tile) {
  const auto tile = std::make_unique<OperandTile>();
  std::vector<float> sums(static_cast<std::size_t>(kRows * kTile));
  for (std::int64_t first_row = 0; first_row < call.m; first_row += kRows) {
    const std::int64_t rows = std::min(kRows, call.m - first_row);
    const SplitRows x(call.x + first_row * call.x_stride, call.x_stride, rows, call.k);
    for (std::int64_t panel = call.first_panel; panel < call.last_panel; ++panel) {
      std::ranges::fill(sums, 0.0F);
      for (std::int64_t k = 0; k < call.k; k += kTile) {
        const std::int64_t depth = std::min(kTile, call.k - k);
        unpack_tile(panel, k / kTile, depth, *tile);
        for (std::int64_t m = 0; m < rows; ++m) {
          multiply_add(config, x.tile(m, k), *tile, {0, depth}, sums.data() + m * kTile);
        }
      }
      finish(call, panel, first_row, rows, config.fp32_dest_acc_en, sums.data());
    }
  }
}

}  // namespace

void linear(const kernels::LinearCall& call, const ComputeKernelConfig& config) {
  constexpr std::int64_t kPairStride = 2 * kernels::kPanelColumns;
  const std::int64_t panel_elements = kernels::panel_elements(call.k);
  run(call, config, [&](std::int64_t panel, std::int64_t index, std::int64_t rows, OperandTile& tile) {
    unpack({call.panels + panel * panel_elements + index * (kTile / 2) * kPairStride, kPairStride}, rows,
           tile);
  });
}

void linear(const kernels::BlockFloatLinearCall& call, const ComputeKernelConfig& config) {
  constexpr std::int64_t kPairStride = 2 * kernels::kPanelColumns;
  const std::int64_t panel_bytes = kernels::block_float_panel_bytes(call.linear.k, call.format);
  std::array<bfloat16, kTile * kTile> values{};
  run(call.linear, config, [&](std::int64_t panel, std::int64_t index, std::int64_t rows, OperandTile& tile) {
    unpack_block_float_chunk(call.panels + panel * panel_bytes + index * kernels::chunk_bytes(call.format),
                             call.format, values);
    unpack({values.data(), kPairStride}, rows, tile);
  });
}

}  // namespace ttx::device_numerics
