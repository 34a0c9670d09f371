// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runtime/safetensors.hpp"

namespace ttx::hf {

/// The safetensors files of a model folder: `model.safetensors` when it exists, else the files that
/// `model.safetensors.index.json` maps. Other files (consolidated.safetensors, ...) are never looked at.
struct WeightFiles {
  std::vector<SafetensorsFile> files;
  std::map<std::string, std::size_t> file_of;  ///< tensor name -> place in `files`

  /// Throws Error (kCheckpoint) unless: every file is a good safetensors file, the index names plain file
  /// names, each mapped file holds the tensor, and no tensor is outside the index or in two files. The
  /// index's total_size is not read.
  static WeightFiles open(const std::filesystem::path& folder);
};

}  // namespace ttx::hf
