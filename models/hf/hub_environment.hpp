// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::hf {

/// The hub caches in the order in which they are looked at, as the libraries name them; two at most:
///   1. transformers 4: the first of TRANSFORMERS_CACHE, PYTORCH_TRANSFORMERS_CACHE,
///   PYTORCH_PRETRAINED_BERT_CACHE
///      that is set, taken as it is;
///   2. huggingface_hub: HF_HUB_CACHE, else HUGGINGFACE_HUB_CACHE, else $HF_HOME/hub, else
///      $XDG_CACHE_HOME/huggingface/hub, else ~/.cache/huggingface/hub, with ~ and variables replaced.
/// A variable that is set to nothing counts, as it does there: the folder is then relative to the current
/// one.
std::vector<std::filesystem::path> hub_cache_roots();

/// Replaces a leading ~ or ~user by the home folder, and $NAME and ${NAME} by variables that are set.
std::string expand_path(std::string_view path);

/// The variables that make the Hugging Face libraries work offline: those of HF_HUB_OFFLINE and
/// TRANSFORMERS_OFFLINE that say 1, ON, YES or TRUE in any case; none when the first says something else.
std::vector<std::string> offline_switches();

}  // namespace ttx::hf
