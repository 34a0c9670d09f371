// SPDX-License-Identifier: Apache-2.0
#include "launch/plan_devices.hpp"

#include "launch/plan_table.hpp"
#include "runtime/device_profile.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

std::vector<ModelPlan> plan_devices(const ModelModule& module, const hf::Checkpoint& checkpoint,
                                    MeshShape mesh, const RunLimits& limits) {
  const ShardPlan shards(mesh.devices());
  const DeviceProfile profile = wormhole_profile(mesh.devices());
  std::vector<ModelPlan> devices;
  for (int device = 0; device < mesh.devices(); ++device) {
    devices.push_back(module.plan_model(checkpoint, shards, device, limits));
    const std::vector<PlannedTensor>& tensors = devices.back().tensors;
    TTX_CHECK_AS(
        limits.device == DeviceLimits::kIgnored || planned_bytes(tensors) <= profile.dram_bytes,
        ExitCode::kMesh, "mesh",
        "device {} of {} would hold {} of weights and {} of KV cache: more than the {} of DRAM ({}); "
        "take a larger mesh or a smaller --max_seq_len (ttx-plan shows each tensor)",
        device, mesh.to_string(), bytes_text(planned_bytes(tensors, MemoryUse::kWeights)),
        bytes_text(planned_bytes(tensors, MemoryUse::kKvCache)), bytes_text(profile.dram_bytes),
        profile.name);
  }
  return devices;
}

}  // namespace ttx::launch
