// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace ttx::hf {

/// What is wrong with a repository id; empty when it is a good one ("name" or "org/name", rules of
/// huggingface_hub).
std::string repo_id_fault(std::string_view id);

/// "org/name" -> "models--org--name", its folder in a cache.
std::string repo_folder(const std::string& id);

/// "models--org--name" -> "org/name"; empty for other folder names.
std::string repo_id_of(const std::string& cache_folder);

}  // namespace ttx::hf
