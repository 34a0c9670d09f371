// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "runtime/dtype.hpp"

namespace ttx {

/// A matrix as the hardware holds block floats: tiles of 32 x 32, row-major over the matrix padded to tiles
/// with zeros; tile_bytes(dtype) each.
///
/// A tile has four faces of 16 x 16 (upper left, upper right, lower left, lower right). It begins with 64
/// exponents, one per row of a face, face after face; then come the codes, face after face and row-major: a
/// byte each for BFLOAT8_B, for BFLOAT4_B two in a byte, the first in the low half.
std::vector<std::byte> pack_tiles(std::span<const float> values, std::int64_t rows, std::int64_t columns,
                                  DataType dtype);

/// The values [rows][columns] of such tiles. Throws Error when there are not as many bytes as that takes.
std::vector<float> unpack_tiles(std::span<const std::byte> tiles, std::int64_t rows, std::int64_t columns,
                                DataType dtype);

}  // namespace ttx
