// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace ttx {

/// Element types of tensors. Names are TTNN's; FLOAT16 exists on the host only (checkpoints), the block
/// floats BFLOAT8_B and BFLOAT4_B on the device only, as weights in TILE layout.
enum class DataType { BFLOAT16, FLOAT16, FLOAT32, UINT32, INT32, BFLOAT8_B, BFLOAT4_B };

/// BFLOAT8_B or BFLOAT4_B: 16 values share an exponent.
bool is_block_float(DataType dtype);
/// Bytes of one element. Throws Error on a block float, of which only a tile has whole bytes.
std::size_t size_of(DataType dtype);
/// Bytes of a tile of 32 x 32 elements on the device.
std::size_t tile_bytes(DataType dtype);
/// "BFLOAT16", ...
std::string_view to_string(DataType dtype);

}  // namespace ttx
