// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <system_error>

namespace ttx::hf {

/// `path` from the root of the file system; the current folder when it is empty.
std::filesystem::path absolute_path(const std::filesystem::path& path);

/// Throws Error (kCheckpoint) where fs::status(path, error) came to no answer: a folder on the way that may
/// not be entered, links in a circle.
void check_reached(const std::filesystem::path& path, const std::filesystem::file_status& status,
                   const std::error_code& error);

/// That ttx does not download, and the command that fetches repository `id` into the cache `root`; also where
/// the environment keeps the Hugging Face tools offline.
std::string fetch_command(const std::string& id, const std::filesystem::path& root);

/// What to do about a missing file of this model folder: fetch_command() when the folder lies in a Hugging
/// Face cache (.../models--org--name/snapshots/<commit>), a general sentence otherwise.
std::string how_to_fetch(const std::filesystem::path& folder);

/// Throws Error (kCheckpoint) unless `file` exists. Tells apart: a missing file, one whose download was not
/// finished, one that the repository is known not to have, a link whose target is gone, links in a circle,
/// and a folder that may not be entered.
void require_model_file(const std::filesystem::path& file);

/// The text of a small file of a model folder. Throws Error (kCheckpoint): require_model_file, FileMap::open.
std::string read_model_text(const std::filesystem::path& file);

}  // namespace ttx::hf
