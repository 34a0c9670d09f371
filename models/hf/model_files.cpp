// SPDX-License-Identifier: Apache-2.0
#include "models/hf/model_files.hpp"

#include <system_error>

#include "runtime/error.hpp"
#include "runtime/file_map.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

/// "models--org--name" -> "org/name"; empty for other folder names.
std::string repo_id_of(const std::string& cache_folder) {
  constexpr std::string_view kPrefix = "models--";
  if (!cache_folder.starts_with(kPrefix)) {
    return {};
  }
  const std::string id = cache_folder.substr(kPrefix.size());
  const auto separator = id.find("--");
  return separator == std::string::npos ? id : id.substr(0, separator) + "/" + id.substr(separator + 2);
}

}  // namespace

std::string how_to_fetch(const fs::path& folder) {
  const fs::path repo = folder.parent_path().parent_path();
  const std::string id = repo_id_of(repo.filename().string());
  if (folder.parent_path().filename() != "snapshots" || id.empty()) {
    return "copy the complete model folder";
  }
  return fmt::format("ttx does not download, run: huggingface-cli download {} --cache-dir {}", id,
                     repo.parent_path().string());
}

void require_model_file(const fs::path& file) {
  std::error_code error;
  if (fs::exists(file, error)) {
    return;
  }
  const std::string fetch = how_to_fetch(file.parent_path());
  TTX_CHECK_AS(!fs::is_symlink(file, error), ExitCode::kCheckpoint, "model",
               "{} is a link to {}, which does not exist; {}", file.string(),
               fs::read_symlink(file, error).string(), fetch);
  TTX_FAIL_AS(ExitCode::kCheckpoint, "model", "{} does not exist; {}", file.string(), fetch);
}

std::string read_model_text(const fs::path& file) {
  require_model_file(file);
  return std::string(FileMap::open(file)->text());
}

}  // namespace ttx::hf
