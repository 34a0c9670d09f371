// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "runtime/shard_plan.hpp"

namespace ttx {

/// What a mesh graph descriptor says of the one mesh that its top_level_instance selects, directly or through
/// a FABRIC graph with a single mesh in it.
struct MeshGraphDescriptor {
  std::string file;     ///< where it was read
  std::string name;     ///< of the mesh
  std::string arch;     ///< "WORMHOLE_B0", the only one that ttx plays
  MeshShape devices;    ///< device ids run row-major over it
  MeshShape hosts;      ///< each host has an equal block of the devices
  int links = 1;        ///< ethernet links between neighbours
  bool strict = false;  ///< exactly that many are promised; otherwise at least one
};

/// Reads a file in protobuf's text form, of either generation of the schema (mesh_graph_descriptor.proto).
/// Throws Error(kMesh), one sentence that begins with the file, for one that cannot be read, is larger than 1
/// MiB, is the YAML form of old, does not parse, or does not describe one two-dimensional Wormhole mesh.
MeshGraphDescriptor read_mesh_graph_descriptor(const std::filesystem::path& file);

/// The same from text; `file` is for messages.
MeshGraphDescriptor parse_mesh_graph_descriptor(std::string_view text, const std::string& file);

}  // namespace ttx
