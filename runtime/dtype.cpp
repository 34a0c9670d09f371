// SPDX-License-Identifier: Apache-2.0
#include "runtime/dtype.hpp"

namespace ttx {

std::size_t size_of(DataType dtype) {
  switch (dtype) {
    case DataType::BFLOAT16:
    case DataType::FLOAT16:
      return 2;
    case DataType::FLOAT32:
    case DataType::UINT32:
    case DataType::INT32:
      return 4;
  }
  return 0;
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
  }
  return "?";
}

}  // namespace ttx
