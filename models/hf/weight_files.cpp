// SPDX-License-Identifier: Apache-2.0
#include "models/hf/weight_files.hpp"

#include <algorithm>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/json_fields.hpp"
#include "models/hf/model_files.hpp"
#include "runtime/error.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

using nlohmann::json;

bool entry_exists(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

/// A file of the folder itself: an index must not reach elsewhere.
void check_file_name(const std::string& name, const std::string& tensor, const fs::path& index) {
  const bool plain = !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
                     name.find('\\') == std::string::npos && name.find('\0') == std::string::npos;
  TTX_CHECK_AS(plain, ExitCode::kCheckpoint, "checkpoint",
               "{}: '{}': got file name {}, expected one without a path or a NUL byte", index.string(),
               tensor, json(name).dump());
}

std::map<std::string, std::string> read_weight_map(const fs::path& index) {
  const std::string text = read_model_text(index);
  const json root = parse_strict_json(text, "checkpoint", index.string());
  const JsonFields fields(root, "checkpoint", index.string());
  const json* const weight_map = fields.find("weight_map");
  if (weight_map == nullptr || !weight_map->is_object() || weight_map->empty()) {
    fields.refuse("weight_map", "an object of tensor names and file names");
  }
  std::map<std::string, std::string> files;
  for (const auto& [tensor, file] : weight_map->items()) {
    if (!file.is_string()) {
      fields.refuse("weight_map", "a file name for '" + tensor + "'");
    }
    check_file_name(file.get<std::string>(), tensor, index);
    files.emplace(tensor, file.get<std::string>());
  }
  return files;
}

/// A download that stopped leaves shards out: says all of them at once.
void require_shards(const fs::path& folder, const fs::path& index,
                    const std::map<std::string, std::size_t>& shards) {
  std::vector<std::string> missing;
  for (const auto& [name, number] : shards) {
    std::error_code ignored;
    if (!fs::exists(folder / name, ignored)) {
      missing.push_back(name);
    }
  }
  constexpr std::size_t kMostShown = 4;
  const std::size_t shown = std::min(missing.size(), kMostShown);
  TTX_CHECK_AS(missing.size() <= 1, ExitCode::kCheckpoint, "checkpoint",
               "{} names {} files, {} of which do not exist: {}{}; {}", index.string(), shards.size(),
               missing.size(),
               fmt::join(missing.begin(), missing.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
               shown < missing.size() ? ", ..." : "", how_to_fetch(folder));
  for (const std::string& name : missing) {
    require_model_file(folder / name);
  }
}

WeightFiles open_sharded(const fs::path& folder, const fs::path& index) {
  const auto weight_map = read_weight_map(index);
  WeightFiles weights;
  std::map<std::string, std::size_t> place;
  for (const auto& [tensor, name] : weight_map) {
    place.emplace(name, 0);
  }
  require_shards(folder, index, place);
  for (auto& [name, number] : place) {
    number = weights.files.size();
    weights.files.push_back(SafetensorsFile::open(folder / name));
  }
  for (const auto& [tensor, name] : weight_map) {
    TTX_CHECK_AS(weights.files[place.at(name)].find(tensor) != nullptr, ExitCode::kCheckpoint, "checkpoint",
                 "{}: maps '{}' to {}, which has no such tensor; the files are of different checkpoints",
                 index.string(), tensor, name);
    weights.file_of.emplace(tensor, place.at(name));
  }
  for (const auto& file : weights.files) {
    for (const auto& entry : file.entries()) {
      const auto mapped = weight_map.find(entry.name);
      TTX_CHECK_AS(mapped != weight_map.end(), ExitCode::kCheckpoint, "checkpoint",
                   "{} holds '{}', which {} does not list; the files are of different checkpoints",
                   file.path().string(), entry.name, index.string());
      TTX_CHECK_AS(mapped->second == file.path().filename(), ExitCode::kCheckpoint, "checkpoint",
                   "'{}' is in two files: {} and, by the index, {}", entry.name, file.path().string(),
                   mapped->second);
    }
  }
  return weights;
}

}  // namespace

WeightFiles WeightFiles::open(const fs::path& folder) {
  const fs::path single = folder / "model.safetensors";
  const fs::path index = folder / "model.safetensors.index.json";
  if (!entry_exists(single) && entry_exists(index)) {
    return open_sharded(folder, index);
  }
  const bool other_format =
      entry_exists(folder / "pytorch_model.bin") || entry_exists(folder / "pytorch_model.bin.index.json");
  TTX_CHECK_AS(entry_exists(single) || !other_format, ExitCode::kCheckpoint, "checkpoint",
               "{} holds pytorch_model.bin only; ttx reads safetensors: convert the model first",
               folder.string());
  require_model_file(single);
  WeightFiles weights;
  weights.files.push_back(SafetensorsFile::open(single));
  for (const auto& entry : weights.files.front().entries()) {
    weights.file_of.emplace(entry.name, 0);
  }
  return weights;
}

}  // namespace ttx::hf
