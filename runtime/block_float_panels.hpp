// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/block_float.hpp"
#include "runtime/bfloat16.hpp"
#include "runtime/dtype.hpp"

namespace ttx {

/// Values of a chunk of a panel of block floats: 16 pairs of k, 32 columns.
inline constexpr std::size_t kChunkValues = 2 * kernels::kChunkPairs * kernels::kPanelColumns;

/// The values [pair][column][2] of a chunk, as 16 pairs lie in a panel of bfloat16.
void unpack_block_float_chunk(const std::uint8_t* chunk, kernels::BlockFloat format,
                              std::span<bfloat16, kChunkValues> values);

/// The values [k][n] of a weight in panels of block floats, as kernels/block_float.hpp lays them out.
std::vector<float> unpack_block_float_panels(const std::uint8_t* panels, std::int64_t k, std::int64_t n,
                                             DataType dtype);

}  // namespace ttx
