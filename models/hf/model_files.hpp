// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace ttx::hf {

/// What to do about a missing file of this model folder: the command that fetches the model when the folder
/// lies in a Hugging Face cache (.../models--org--name/snapshots/<commit>), a general sentence otherwise. ttx
/// itself never downloads.
std::string how_to_fetch(const std::filesystem::path& folder);

/// Throws Error (kCheckpoint) unless `file` exists; tells a missing file from a link whose target is gone.
void require_model_file(const std::filesystem::path& file);

/// The text of a small file of a model folder. Throws Error (kCheckpoint): require_model_file, FileMap::open.
std::string read_model_text(const std::filesystem::path& file);

}  // namespace ttx::hf
