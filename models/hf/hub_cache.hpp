// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::hf {

/// What a program wants of a model. A snapshot in the cache can be partial; what it lacks is refused only
/// where it is needed.
enum class ModelNeeds { kConfigAndWeights, kTokenizer };

/// The folder that holds a model: `folder_or_id` itself when it is an existing folder, else the snapshot of
/// branch `main` of that Hugging Face repository in the cache. Never downloads.
///
/// Caches looked at: `cache_dir` alone when given, else hub_cache_roots(). The first that has the repository
/// decides.
///
/// Throws Error (kCheckpoint) that says which path was looked at and how to fetch the model: not a folder and
/// no repository id; in no cache; refs/main missing or no commit; its snapshot missing; a file that is
/// needed missing from it, or a link to nowhere.
std::filesystem::path resolve_model(const std::string& folder_or_id,
                                    const std::optional<std::string>& cache_dir,
                                    ModelNeeds needs = ModelNeeds::kConfigAndWeights);

/// Caches in the order of transformers and huggingface_hub: first of TRANSFORMERS_CACHE,
/// PYTORCH_TRANSFORMERS_CACHE, PYTORCH_PRETRAINED_BERT_CACHE that is set (transformers 4); then HF_HUB_CACHE,
/// else HUGGINGFACE_HUB_CACHE, else $HF_HOME/hub, else $XDG_CACHE_HOME/huggingface/hub, else
/// ~/.cache/huggingface/hub. An empty variable counts as unset.
std::vector<std::filesystem::path> hub_cache_roots();

/// Replaces a leading ~ by the home folder, and $NAME and ${NAME} by variables that are set.
std::string expand_path(std::string_view path);

/// What is wrong with a repository id; empty when it is a good one ("name" or "org/name", rules of
/// huggingface_hub).
std::string repo_id_fault(std::string_view id);

}  // namespace ttx::hf
