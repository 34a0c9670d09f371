// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ttx::hf {

/// What a program wants of a model. A snapshot in the cache can be partial; what it lacks is refused only
/// where it is needed.
enum class ModelNeeds { kConfigAndWeights, kTokenizer };

/// The folder that holds a model: `folder_or_id` itself when it is an existing folder, as in transformers
/// also one of the current folder that is named like an id; else the snapshot of branch `main` of that
/// Hugging Face repository in the cache. Another revision is chosen by its snapshot's folder. Never
/// downloads.
///
/// Caches looked at: `cache_dir` alone when given, as it is; else hub_cache_roots(). The first that has the
/// repository decides.
///
/// Throws Error (kCheckpoint) that says which path was looked at and how to fetch the model: not a folder and
/// no repository id; in no cache (with what nearly fits: another case, a cache one folder below); a folder
/// that may not be read; refs/main missing (with the snapshots that are there) or no commit; its snapshot
/// missing; a file that is needed missing from it (see require_model_file).
std::filesystem::path resolve_model(const std::string& folder_or_id,
                                    const std::optional<std::string>& cache_dir,
                                    ModelNeeds needs = ModelNeeds::kConfigAndWeights);

}  // namespace ttx::hf
