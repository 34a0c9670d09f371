// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "ccl/ccl.hpp"
#include "ccl/mesh_fit.hpp"
#include "ccl/mesh_graph_descriptor.hpp"
#include "ccl/mesh_system.hpp"

namespace ttx::launch {

/// The system that a run plays, and why.
struct ChosenSystem {
  MeshSystem system;
  std::optional<MeshGraphDescriptor> descriptor;  ///< none: a single device, and none was asked for
  bool is_default = false;                        ///< the descriptor was chosen to fit the mesh
  MeshFit fit = MeshFit::kAsIs;                   ///< of the mesh in the descriptor's devices
};

/// Rank 0's choice for a mesh, from the environment: the descriptor of TT_MESH_GRAPH_DESC_PATH (see
/// find_mesh_graph_descriptor), else the built-in one that fits; the devices of TT_VISIBLE_DEVICES (older:
/// TT_METAL_VISIBLE_DEVICES, TT_METAL_VISIBLE_DEVICE), else those where the mesh lies in the system. A mesh
/// of one device is `device_id` of those. Logs what is out of the ordinary. Throws Error(kMesh) when a file
/// or list is broken, when the mesh does not fit, or when the collectives of `ccl` want more links than there
/// are.
ChosenSystem choose_system(MeshShape mesh, const CclOptions& ccl, int device_id);

}  // namespace ttx::launch
