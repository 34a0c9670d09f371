// SPDX-License-Identifier: Apache-2.0
#include "launch/chosen_system.hpp"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include <fmt/format.h>

#include "ccl/visible_devices.hpp"
#include "launch/shipped_files.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"

namespace ttx::launch {

namespace {

constexpr const char* kDescriptor = "TT_MESH_GRAPH_DESC_PATH";

/// Empty when it is not set.
std::string from_environment(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? std::string() : std::string(value);
}

void read_descriptor(MeshShape mesh, ChosenSystem& chosen) {
  std::string wanted = from_environment(kDescriptor);
  if (wanted.empty()) {
    if (mesh.devices() == 1) {
      return;
    }
    wanted = built_in_system_for(mesh).name;
    chosen.is_default = true;
  }
  chosen.descriptor = read_mesh_graph_descriptor(find_mesh_graph_descriptor(wanted));
}

void lay_mesh(MeshShape mesh, ChosenSystem& chosen) {
  const MeshGraphDescriptor& descriptor = *chosen.descriptor;
  const std::string extent = descriptor.devices.to_string();
  const std::optional<MeshFit> fit = fit_of(mesh, descriptor.devices);
  TTX_CHECK_AS(fit.has_value(), ExitCode::kMesh, "mesh",
               "Requested mesh {} exceeds system mesh {} of {}, rotated too; set {} to the descriptor of a "
               "larger system, unset it, or give another --mesh",
               mesh.to_string(), extent, descriptor.file, kDescriptor);
  chosen.fit = *fit;
  chosen.system = {descriptor.devices.devices(), descriptor.links,
                   devices_of(mesh, descriptor.devices, *fit)};
  // What the user's own descriptor leads to is worth a line, what the default does is not.
  const log::Level level = chosen.is_default ? log::Level::kDebug : log::Level::kInfo;
  if (*fit == MeshFit::kRotated) {
    log::write(level, fmt::format("the {} mesh lies rotated in system mesh {} of {}: device (r, c) is the "
                                  "system's (c, r)",
                                  mesh.to_string(), extent, descriptor.file));
  } else if (*fit == MeshFit::kLine) {
    log::write(level,
               fmt::format("the {} mesh lies in system mesh {} of {} as a line, every other row backwards",
                           mesh.to_string(), extent, descriptor.file));
  }
}

void check_collectives(const MeshGraphDescriptor& descriptor, const CclOptions& ccl) {
  check_links("mesh", ccl, descriptor.links);
  if (!descriptor.strict && ccl.num_links > 1) {
    log::info("{} promises at least one link between neighbours (RELAXED), the collectives use {}",
              descriptor.file, ccl.num_links);
  }
}

/// A descriptor may describe a part of the machine, such as one card of several: the ids may still be right.
void warn_of_others(std::int32_t largest, const char* variable, const ChosenSystem& chosen) {
  if (chosen.descriptor && !chosen.is_default && largest >= chosen.system.devices) {
    log::warning("{} names device {}, and system mesh {} of {} has devices 0 to {}; is it another machine's?",
                 variable, largest, chosen.descriptor->devices.to_string(), chosen.descriptor->file,
                 chosen.system.devices - 1);
  }
}

/// Replaces the devices by those that the user shows, if so.
void pick_devices(MeshShape mesh, int device_id, ChosenSystem& chosen) {
  std::vector<std::int32_t>& ids = chosen.system.device_ids;
  for (const char* const variable :
       {"TT_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICE"}) {
    const std::string value = from_environment(variable);
    if (value.empty()) {
      continue;
    }
    const std::vector<int> list = parse_device_list(value, variable);
    const VisibleDevices visible =
        mesh.devices() == 1 ? VisibleDevices{{visible_device(list, device_id, variable)}, false}
                            : visible_devices(list, mesh.devices(), chosen.system.devices, variable);
    ids = visible.chips;
    log::info("{}={}{}: the mesh's line is devices {}", variable, value,
              visible.by_card ? ", PCIe ids of n300 cards" : "", fmt::join(ids, ", "));
    warn_of_others(*std::max_element(ids.begin(), ids.end()), variable, chosen);
    return;
  }
  if (mesh.devices() == 1) {
    TTX_CHECK_AS(!chosen.descriptor || device_id < chosen.system.devices, ExitCode::kMesh, "mesh",
                 "--device_id {}: system mesh {} of {} has devices 0 to {}", device_id,
                 chosen.descriptor->devices.to_string(), chosen.descriptor->file, chosen.system.devices - 1);
    ids = {device_id};
  }
}

}  // namespace

ChosenSystem choose_system(MeshShape mesh, const CclOptions& ccl, int device_id) {
  ChosenSystem chosen;
  chosen.system = MeshSystem::of(mesh);
  read_descriptor(mesh, chosen);
  if (chosen.descriptor) {
    lay_mesh(mesh, chosen);
  }
  if (chosen.descriptor && mesh.devices() > 1) {
    check_collectives(*chosen.descriptor, ccl);
  }
  pick_devices(mesh, device_id, chosen);
  return chosen;
}

}  // namespace ttx::launch
