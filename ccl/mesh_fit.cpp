// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_fit.hpp"

#include "runtime/error.hpp"

namespace ttx {

std::string_view to_string(MeshFit fit) {
  switch (fit) {
    case MeshFit::kAsIs:
      return "as is";
    case MeshFit::kRotated:
      return "rotated";
    case MeshFit::kLine:
      return "line";
  }
  return "unknown";
}

std::optional<MeshFit> fit_of(MeshShape mesh, MeshShape system) {
  if (mesh.rows <= system.rows && mesh.cols <= system.cols) {
    return MeshFit::kAsIs;
  }
  if (mesh.cols <= system.rows && mesh.rows <= system.cols) {
    return MeshFit::kRotated;
  }
  const bool is_line = mesh.rows == 1 || mesh.cols == 1;
  if (is_line && mesh.devices() <= system.devices()) {
    return MeshFit::kLine;
  }
  return std::nullopt;
}

std::vector<int> devices_of(MeshShape mesh, MeshShape system, MeshFit fit) {
  std::vector<int> devices;
  for (int i = 0; i < mesh.devices(); ++i) {
    MeshShape at{i / mesh.cols, i % mesh.cols};
    if (fit == MeshFit::kRotated) {
      at = {at.cols, at.rows};
    } else if (fit == MeshFit::kLine) {
      const int row = i / system.cols;
      const int col = i % system.cols;
      at = {row, row % 2 == 0 ? col : system.cols - 1 - col};
    }
    devices.push_back(at.rows * system.cols + at.cols);
  }
  return devices;
}

const std::vector<BuiltInSystem>& built_in_systems() {
  static const std::vector<BuiltInSystem> kSystems{
      {"n150", "n150_mesh_graph_descriptor.textproto", {1, 1}},
      {"n300", "n300_mesh_graph_descriptor.textproto", {1, 2}},
      {"t3k", "t3k_mesh_graph_descriptor.textproto", {2, 4}},
      {"galaxy", "single_galaxy_mesh_graph_descriptor.textproto", {8, 4}},
      {"dual_galaxy", "dual_galaxy_mesh_graph_descriptor.textproto", {8, 8}}};
  return kSystems;
}

const BuiltInSystem& built_in_system_for(MeshShape mesh) {
  for (const BuiltInSystem& system : built_in_systems()) {
    if (fit_of(mesh, system.devices)) {
      return system;
    }
  }
  const BuiltInSystem& largest = built_in_systems().back();
  TTX_FAIL_AS(ExitCode::kMesh, "mesh",
              "Requested mesh {} exceeds every built-in system: got {} devices, the largest is {} {}; set "
              "TT_MESH_GRAPH_DESC_PATH to the descriptor of a larger system, or give another --mesh",
              mesh.to_string(), mesh.devices(), largest.name, largest.devices.to_string());
}

}  // namespace ttx
