// SPDX-License-Identifier: Apache-2.0
#include "launch/plan_devices.hpp"

#include "launch/plan_table.hpp"
#include "runtime/device_profile.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

void check_dram(const ModelPlan& plan, std::size_t device, MeshShape mesh, const DeviceProfile& profile) {
  const std::vector<PlannedTensor>& tensors = plan.tensors;
  TTX_CHECK_AS(
      planned_bytes(tensors) <= profile.dram_bytes, ExitCode::kMesh, "mesh",
      "device {} of {} would hold {} of weights and {} of KV cache for {} positions: more than the "
      "{} of DRAM ({}); take a larger mesh, or a shorter cache (--max_cache_seq_len, or --max_seq_len "
      "where the bring-up has no cap); ttx-plan shows each tensor",
      device, mesh.to_string(), bytes_text(planned_bytes(tensors, MemoryUse::kWeights)),
      bytes_text(planned_bytes(tensors, MemoryUse::kKvCache)), plan.cache_length,
      bytes_text(profile.dram_bytes), profile.name);
}

void check_rotary_width(const ModelPlan& plan, const DeviceProfile& profile) {
  for (const PlannedTensor& tensor : plan.tensors) {
    TTX_CHECK_AS(tensor.name != kRopeCos || tensor.shape[-1] % profile.rotary_width == 0,
                 ExitCode::kCheckpoint, "rotary_embedding",
                 "width of a turned head: got {}, expected a multiple of {}, which the device's "
                 "rotary_embedding takes; run without --device_limits, or let the bring-up pad its heads as "
                 "Phi-3's does (padded_rope_tables)",
                 tensor.shape[-1], profile.rotary_width);
  }
}

}  // namespace

std::vector<ModelPlan> plan_devices(const ModelModule& module, const hf::Checkpoint& checkpoint,
                                    MeshShape mesh, const RunLimits& limits) {
  const ShardPlan shards(mesh.devices());
  std::vector<ModelPlan> devices;
  for (int device = 0; device < mesh.devices(); ++device) {
    devices.push_back(module.plan_model(checkpoint, shards, device, limits));
  }
  return devices;
}

void check_device_limits(const std::vector<ModelPlan>& devices, MeshShape mesh, const RunLimits& limits) {
  if (limits.device == DeviceLimits::kIgnored) {
    return;
  }
  const DeviceProfile profile = wormhole_profile(mesh.devices());
  for (std::size_t device = 0; device < devices.size(); ++device) {
    check_rotary_width(devices[device], profile);
    check_dram(devices[device], device, mesh, profile);
  }
}

}  // namespace ttx::launch
