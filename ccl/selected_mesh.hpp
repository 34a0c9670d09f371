// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "ccl/mesh_graph_descriptor.hpp"
#include "ccl/text_message.hpp"

namespace ttx::mesh_graph {
class File;
}

/// The meaning of a parsed mesh graph descriptor. For files of ccl/ only.
namespace ttx::ccl {

/// Checks every mesh of the file and gives the one that its top_level_instance selects. `file` and what was
/// `skipped` in it are for messages. Throws Error(kMesh).
MeshGraphDescriptor selected_mesh(const mesh_graph::File& message, const std::string& file,
                                  std::span<const SkippedField> skipped);

}  // namespace ttx::ccl
