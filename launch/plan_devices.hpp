// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "models/common/model_module.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx::launch {

/// What each device of the mesh would hold, in line order. Throws what ModelModule::plan_model throws.
std::vector<ModelPlan> plan_devices(const ModelModule& module, const hf::Checkpoint& checkpoint,
                                    MeshShape mesh, const RunLimits& limits);

/// What of a plan the device refuses where its limits hold. Throws Error(kMesh) when weights and caches of a
/// device exceed its DRAM, Error(kCheckpoint) when a head is turned in a width that rotary_embedding does not
/// take.
void check_device_limits(const std::vector<ModelPlan>& devices, MeshShape mesh, const RunLimits& limits);

}  // namespace ttx::launch
