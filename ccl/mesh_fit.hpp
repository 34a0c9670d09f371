// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "runtime/shard_plan.hpp"

namespace ttx {

/// How a mesh lies in a larger (or equal) system of devices, as tt-metal lays it.
enum class MeshFit {
  kAsIs,     ///< rows along rows, from the system's first corner
  kRotated,  ///< rows along the system's columns: device (r, c) is the system's (c, r)
  kLine,  ///< a single row or column that is longer than either side: row by row, every other one backwards
};
std::string_view to_string(MeshFit fit);

/// The first way that works; nullopt when the system is too small.
std::optional<MeshFit> fit_of(MeshShape mesh, MeshShape system);

/// The system's device at every position of the mesh's line. Devices of a system are numbered row by row.
/// `mesh` must lie in `system` that way.
std::vector<int> devices_of(MeshShape mesh, MeshShape system, MeshFit fit);

/// A descriptor that ttx brings along.
struct BuiltInSystem {
  std::string_view name;       ///< as in TT_MESH_GRAPH_DESC_PATH=t3k
  std::string_view file_name;  ///< among the shipped files
  MeshShape devices;
};

/// From the smallest to the largest.
const std::vector<BuiltInSystem>& built_in_systems();

/// The smallest one that the mesh lies in: up to 8 devices in a line, or two by four, are a T3000.
/// Throws Error(kMesh), naming the largest, when there is none.
const BuiltInSystem& built_in_system_for(MeshShape mesh);

}  // namespace ttx
