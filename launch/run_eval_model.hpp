// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace ttx::launch {

/// The bring-up models/<hf_model>/<system>/functional/model.cpp, or a built model.so alone where there is no
/// source. Looked for, in this order: in the current folder; in the folders of TTX_MODULE_PATH; in the
/// program's install (lib/ttx/models); in the tree that holds the program's build folder; in that build
/// folder. Throws Error "Missing model file: ..." naming them, and what there is for other systems.
std::filesystem::path find_bring_up(const std::string& hf_model, const std::string& system);

}  // namespace ttx::launch
