// SPDX-License-Identifier: Apache-2.0
#include "models/hf/model_files.hpp"

#include <system_error>

#include <fmt/format.h>

#include "models/hf/hub_environment.hpp"
#include "models/hf/repo_id.hpp"
#include "runtime/error.hpp"
#include "runtime/file_map.hpp"
#include "runtime/shell_quoted.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

/// The repository folder in a cache of which `folder` is a snapshot; empty when it is none.
fs::path repo_of(const fs::path& folder) {
  const fs::path repo = folder.parent_path().parent_path();
  const bool is_snapshot =
      folder.parent_path().filename() == "snapshots" && !repo_id_of(repo.filename().string()).empty();
  return is_snapshot ? repo : fs::path();
}

/// The empty file by which a cache remembers that the repository has no `file`; empty when it does not.
fs::path absence_marker(const fs::path& file) {
  const fs::path repo = repo_of(file.parent_path());
  const fs::path marker = repo / ".no_exist" / file.parent_path().filename() / file.filename();
  std::error_code ignored;
  return !repo.empty() && fs::exists(marker, ignored) ? marker : fs::path();
}

/// ": a download was not finished, see ..." when the cache of a snapshot's file holds one.
std::string unfinished_download(const fs::path& file) {
  const fs::path repo = repo_of(file.parent_path());
  if (repo.empty()) {
    return "";
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(repo / "blobs", ignored)) {
    if (entry.path().extension() == ".incomplete") {
      return fmt::format(": a download was not finished, see {}", entry.path().string());
    }
  }
  return "";
}

}  // namespace

fs::path absolute_path(const fs::path& path) {
  return path.empty() ? fs::current_path() : fs::absolute(path).lexically_normal();
}

void check_reached(const fs::path& path, const fs::file_status& status, const std::error_code& error) {
  if (fs::exists(status) || status.type() == fs::file_type::not_found) {
    return;
  }
  const char* const advice = error == std::errc::permission_denied ? "; give this user the right to read it"
                             : error == std::errc::too_many_symbolic_link_levels
                                 ? ": a link leads back to itself; remove it"
                                 : "";
  TTX_FAIL_AS(ExitCode::kCheckpoint, "model", "{} cannot be reached: {}{}", path.string(), error.message(),
              advice);
}

std::string fetch_command(const std::string& id, const fs::path& root) {
  const std::string command =
      fmt::format("hf download {} --cache-dir {}", id, shell_quoted(absolute_path(root).string()));
  const auto switches = offline_switches();
  return switches.empty()
             ? "ttx does not download, run: " + command
             : fmt::format(
                   "ttx does not download, and {} {} the Hugging Face tools offline, run: env -u {} {}",
                   fmt::join(switches, " and "), switches.size() == 1 ? "keeps" : "keep",
                   fmt::join(switches, " -u "), command);
}

std::string how_to_fetch(const fs::path& folder) {
  const fs::path repo = repo_of(folder);
  return repo.empty() ? "copy the complete model folder"
                      : fetch_command(repo_id_of(repo.filename().string()), repo.parent_path());
}

void require_model_file(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  if (fs::exists(status)) {
    return;
  }
  const std::string fetch = how_to_fetch(file.parent_path());
  check_reached(file, status, error);
  std::error_code ignored;
  TTX_CHECK_AS(!fs::is_symlink(file, ignored), ExitCode::kCheckpoint, "model",
               "{} is a link to {}, which does not exist{}; {}", file.string(),
               fs::read_symlink(file, ignored).string(), unfinished_download(file), fetch);
  const fs::path marker = absence_marker(file);
  TTX_CHECK_AS(marker.empty(), ExitCode::kCheckpoint, "model",
               "{} does not exist: the repository has none, as {} says; choose another model, or if it has "
               "one by now, "
               "remove that file: {}",
               file.string(), marker.string(), fetch);
  TTX_FAIL_AS(ExitCode::kCheckpoint, "model", "{} does not exist{}; {}", file.string(),
              unfinished_download(file), fetch);
}

std::string read_model_text(const fs::path& file) {
  require_model_file(file);
  return std::string(FileMap::open(file)->text());
}

}  // namespace ttx::hf
