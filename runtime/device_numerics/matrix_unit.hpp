// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

#include "runtime/compute_kernel_config.hpp"
#include "runtime/device_numerics/fidelity.hpp"
#include "runtime/shape.hpp"

/// Sums of products as the matrix unit adds them (ISA documentation, MVMUL and MatrixUnit). One step
/// multiplies 16 elements along K and adds the sum of the 16 products to Dst, which rounds it (rounding.hpp).
/// Products of parts are exact. Open, and so chosen:
///   - the order of steps: K in tiles of 32 from the first on; of a tile, phase after phase; of a phase,
///     its two steps. On the hardware it depends on the program that is picked for the shapes and the cores,
///     which also cuts K in blocks whose sums meet in L1;
///   - the 16 products of a step are added in fp32, one after the other.
/// Not played: the fault of Wormhole with HiFi4 and a Dst of fp32 (tt-metal #38306).
namespace ttx::device_numerics {

/// Elements along K of one step.
inline constexpr std::int64_t kStep = 16;

/// Operand 0: one row's elements of a tile along K.
struct RowTile {
  const float* high = nullptr;
  const float* low = nullptr;
};

/// Operand 1: [k][column].
struct OperandTile {
  alignas(64) std::array<std::array<float, kTile>, kTile> high;
  alignas(64) std::array<std::array<float, kTile>, kTile> low;
};

/// Where the elements [first k, last k) of a tile of operand 1 lie as bfloat16: pairs of k next to each
/// other, `pair_stride` elements from one pair to the next, as in weight panels and in the caches.
struct PairedRows {
  const bfloat16* data = nullptr;
  std::int64_t pair_stride = 0;
};
/// The parts of the first `rows` k of a tile.
void unpack(PairedRows source, std::int64_t rows, OperandTile& tile);

/// Elements [first, last) of a tile along K.
struct TileRange {
  std::int64_t first = 0;
  std::int64_t last = 0;
};

/// dest[column] += row times tile, over those k of the tile alone. 32 columns.
void multiply_add(const ComputeKernelConfig& config, RowTile row, const OperandTile& tile, TileRange k,
                  float* dest);

}  // namespace ttx::device_numerics
