// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "ccl/mesh_device.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// The ids on every device: [1, 1, 1, S] UINT32 ROW_MAJOR. Ids must not be negative.
Tensor token_ids(std::span<const std::int32_t> ids, MeshDevice& mesh);

}  // namespace ttx
