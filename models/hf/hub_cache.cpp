// SPDX-License-Identifier: Apache-2.0
#include "models/hf/hub_cache.hpp"

#include <algorithm>
#include <cctype>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "models/hf/hub_environment.hpp"
#include "models/hf/model_files.hpp"
#include "models/hf/repo_id.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

std::string without_end(std::string text) {
  text.erase(
      std::find_if(text.rbegin(), text.rend(), [](unsigned char c) { return std::isspace(c) == 0; }).base(),
      text.end());
  return text;
}

bool looks_like_path(std::string_view text) {
  return text.starts_with("/") || text.starts_with(".") || text.starts_with("~") ||
         std::count(text.begin(), text.end(), '/') > 1;
}

bool has_entry(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

/// Whether there is a folder; refuses one that this user may not reach.
bool is_folder(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  check_reached(path, status, error);
  return fs::is_directory(status);
}

/// The names in a folder, sorted; none when it cannot be read.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// A snapshot can be partial: files are linked one by one as they arrive.
void check_complete(const fs::path& snapshot, ModelNeeds needs) {
  if (needs == ModelNeeds::kTokenizer) {
    require_model_file(snapshot / "tokenizer.json");
    return;
  }
  require_model_file(snapshot / "config.json");
  const fs::path single = snapshot / "model.safetensors";
  const fs::path index = snapshot / "model.safetensors.index.json";
  const bool other_format =
      has_entry(snapshot / "pytorch_model.bin") || has_entry(snapshot / "pytorch_model.bin.index.json");
  if (!has_entry(single) && has_entry(index)) {
    require_model_file(index);
  } else if (has_entry(single) || !other_format) {
    require_model_file(single);
  }
}

/// "; it has snapshot <commit>, whose folder can be given instead" for a repository of the cache.
std::string other_snapshots(const fs::path& repo) {
  constexpr std::size_t kMostShown = 4;
  auto commits = names_in(repo / "snapshots");
  if (commits.empty()) {
    return "";
  }
  const std::size_t more = commits.size() - std::min(commits.size(), kMostShown);
  commits.resize(commits.size() - more);
  return fmt::format(
      "; to use {}, give its folder in {} instead of the id: {}{}",
      commits.size() == 1 ? "the snapshot that is there" : "one of the snapshots that are there",
      (repo / "snapshots").string(), fmt::join(commits, ", "),
      more == 0 ? "" : fmt::format(" and {} more", more));
}

fs::path snapshot_in(const fs::path& root, const std::string& id, ModelNeeds needs) {
  const fs::path repo = root / repo_folder(id);
  const std::string fetch = fetch_command(id, root);
  const fs::path ref = repo / "refs" / "main";
  std::error_code error;
  const fs::file_status status = fs::status(ref, error);
  check_reached(ref, status, error);
  TTX_CHECK_AS(status.type() != fs::file_type::not_found, ExitCode::kCheckpoint, "model",
               "{}: the cache has {}, but not its branch main: no {}; {}{}", id, repo.string(), ref.string(),
               fetch, other_snapshots(repo));
  const std::string commit = without_end(read_model_text(ref));
  const bool is_commit =
      commit.size() == 40 &&
      std::all_of(commit.begin(), commit.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  TTX_CHECK_AS(is_commit, ExitCode::kCheckpoint, "model",
               "{}: {} holds no commit: got '{}', expected 40 hex digits; {}{}", id, ref.string(),
               commit.substr(0, 60), fetch, other_snapshots(repo));
  fs::path snapshot = repo / "snapshots" / commit;
  TTX_CHECK_AS(is_folder(snapshot), ExitCode::kCheckpoint, "model",
               "{}: {} names commit {}, but there is no {}; {}{}", id, ref.string(), commit,
               snapshot.string(), fetch, other_snapshots(repo));
  check_complete(snapshot, needs);
  return snapshot;
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// What a cache without the repository has that may be meant: "; ... is there", or nothing.
std::string near_miss(const fs::path& root, const std::string& folder) {
  std::error_code ignored;
  if (fs::is_directory(root / "hub" / folder, ignored)) {
    return fmt::format("; {} has it: the cache is the folder hub below the one looked at",
                       (root / "hub").string());
  }
  for (const std::string& name : names_in(root)) {
    if (lower_case(name) == lower_case(folder)) {
      return fmt::format("; {} is there: capital letters count", (root / name).string());
    }
  }
  return "";
}

/// A folder of the current one that is named like an id wins over the id. That may surprise, so say it.
void check_chosen_folder(const std::string& folder, ModelNeeds needs) {
  const char* const file = needs == ModelNeeds::kTokenizer ? "tokenizer.json" : "config.json";
  TTX_CHECK_AS(
      looks_like_path(folder) || !repo_id_fault(folder).empty() || has_entry(fs::path(folder) / file),
      ExitCode::kCheckpoint, "model",
      "'{}' is a folder here, which wins over the repository of that name: got no {} in {}, expected a "
      "model; "
      "start in another folder to use the repository",
      folder, file, absolute_path(folder).string());
}

}  // namespace

fs::path resolve_model(const std::string& folder_or_id, const std::optional<std::string>& cache_dir,
                       ModelNeeds needs) {
  std::error_code error;
  if (is_folder(folder_or_id)) {
    check_chosen_folder(folder_or_id, needs);
    return folder_or_id;
  }
  TTX_CHECK_AS(!fs::exists(folder_or_id, error), ExitCode::kCheckpoint, "model",
               "'{}' is a file, expected a model folder or a repository id", folder_or_id);
  const std::string fault = repo_id_fault(folder_or_id);
  TTX_CHECK_AS(!looks_like_path(folder_or_id), ExitCode::kCheckpoint, "model", "there is no folder '{}'",
               folder_or_id);
  TTX_CHECK_AS(fault.empty(), ExitCode::kCheckpoint, "model",
               "'{}' is neither a folder nor a repository id like 'org/name': {}", folder_or_id, fault);
  auto roots = cache_dir ? std::vector<fs::path>{*cache_dir} : hub_cache_roots();
  for (fs::path& root : roots) {
    root = absolute_path(root);
  }
  std::vector<std::string> looked;
  std::string hint;
  for (const auto& root : roots) {
    if (is_folder(root / repo_folder(folder_or_id))) {
      return snapshot_in(root, folder_or_id, needs);
    }
    looked.push_back((root / repo_folder(folder_or_id)).string());
    hint = hint.empty() ? near_miss(root, repo_folder(folder_or_id)) : hint;
  }
  TTX_FAIL_AS(ExitCode::kCheckpoint, "model",
              "{} is neither a folder nor in the Hugging Face cache: no {}{}; {}", folder_or_id,
              fmt::join(looked, ", no "), hint, fetch_command(folder_or_id, roots.back()));
}

}  // namespace ttx::hf
