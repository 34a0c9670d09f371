// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace ttx {

/// Element types of tensors. Names are TTNN's; FLOAT16 exists on the host only (checkpoints).
enum class DataType { BFLOAT16, FLOAT16, FLOAT32, UINT32, INT32 };

/// Bytes of one element.
std::size_t size_of(DataType dtype);
/// "BFLOAT16", ...
std::string_view to_string(DataType dtype);

}  // namespace ttx
