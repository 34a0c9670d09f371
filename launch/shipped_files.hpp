// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace ttx::launch {

/// The prompt file a user means: the path as given when it exists; otherwise a shipped prompt of that file
/// name, from ../share/ttx/prompts beside the program. Throws Error naming where it looked.
std::filesystem::path find_prompt_file(const std::string& given);

/// A folder of data that the programs need, ../share/ttx/<name> beside the program. Throws Error
/// (kCheckpoint) naming it when it is missing.
std::filesystem::path shipped_folder(const std::string& name);

}  // namespace ttx::launch
