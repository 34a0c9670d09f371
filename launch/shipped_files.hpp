// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace ttx::launch {

/// The prompt file a user means: the path as given when it exists; otherwise a shipped prompt of that file
/// name, from ../share/ttx/prompts beside the program. Throws Error naming where it looked.
std::filesystem::path find_prompt_file(const std::string& given);

/// The mesh graph descriptor that a value of TT_MESH_GRAPH_DESC_PATH means: a built-in system by name (n150,
/// n300, t3k, galaxy, dual_galaxy); a path when there is something; or a shipped descriptor of that file
/// name. Shipped ones are looked for as prompts are, in mesh_graph_descriptors. Throws Error(kMesh).
std::filesystem::path find_mesh_graph_descriptor(const std::string& value);

/// A folder of data that the programs need, ../share/ttx/<name> beside the program. Throws Error
/// (kCheckpoint) naming it when it is missing.
std::filesystem::path shipped_folder(const std::string& name);

}  // namespace ttx::launch
