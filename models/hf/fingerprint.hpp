// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "runtime/safetensors.hpp"

namespace ttx::hf {

/// See Checkpoint::fingerprint. `files` are the weight files of `folder`, in a fixed order. 64 hex digits.
std::string fingerprint_of(const std::filesystem::path& folder, std::span<const SafetensorsFile> files);

}  // namespace ttx::hf
