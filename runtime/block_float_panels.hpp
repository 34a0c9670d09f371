// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/dtype.hpp"

namespace ttx {

/// The values [k][n] of a weight in panels of block floats, as kernels/block_float.hpp lays them out.
std::vector<float> unpack_block_float_panels(const std::uint8_t* panels, std::int64_t k, std::int64_t n,
                                             DataType dtype);

}  // namespace ttx
