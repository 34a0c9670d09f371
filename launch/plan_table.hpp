// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/common/model_module.hpp"

namespace ttx::launch {

/// The tensors of one device as a table: one line for each kind, the layers' together ("model.layers.*..., 28
/// times"), with placement, shape, dtype and bytes, in the order of the load.
std::string tensor_table(const std::vector<PlannedTensor>& tensors);

/// A line for each device: weights, KV cache, their sum, and its share of the device's DRAM. Devices in a row
/// that hold the same share a line.
std::string device_table(const std::vector<ModelPlan>& devices, std::int64_t dram_bytes);

/// Of one device, for `use` or, without one, together.
std::int64_t planned_bytes(const std::vector<PlannedTensor>& tensors,
                           std::optional<MemoryUse> use = std::nullopt);

/// 1503238553 -> "1.503 GB"; below a megabyte in bytes.
std::string bytes_text(std::int64_t bytes);

}  // namespace ttx::launch
