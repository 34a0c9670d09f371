// SPDX-License-Identifier: Apache-2.0
#include "runtime/dtype.hpp"

#include "runtime/error.hpp"

namespace ttx {

bool is_block_float(DataType dtype) { return dtype == DataType::BFLOAT8_B || dtype == DataType::BFLOAT4_B; }

std::size_t size_of(DataType dtype) {
  switch (dtype) {
    case DataType::BFLOAT16:
    case DataType::FLOAT16:
      return 2;
    case DataType::FLOAT32:
    case DataType::UINT32:
    case DataType::INT32:
      return 4;
    case DataType::BFLOAT8_B:
    case DataType::BFLOAT4_B:
      break;
  }
  TTX_FAIL("dtype", "{} is for weights in TILE layout: its elements have no bytes of their own; use BFLOAT16",
           to_string(dtype));
}

std::size_t tile_bytes(DataType dtype) {
  constexpr std::size_t kElements = 32 * 32;
  constexpr std::size_t kExponents = kElements / 16;
  if (is_block_float(dtype)) {
    return kExponents + (dtype == DataType::BFLOAT8_B ? kElements : kElements / 2);
  }
  return kElements * size_of(dtype);
}

std::string_view to_string(DataType dtype) {
  switch (dtype) {
    case DataType::BFLOAT16:
      return "BFLOAT16";
    case DataType::FLOAT16:
      return "FLOAT16";
    case DataType::FLOAT32:
      return "FLOAT32";
    case DataType::UINT32:
      return "UINT32";
    case DataType::INT32:
      return "INT32";
    case DataType::BFLOAT8_B:
      return "BFLOAT8_B";
    case DataType::BFLOAT4_B:
      return "BFLOAT4_B";
  }
  return "?";
}

}  // namespace ttx
