// SPDX-License-Identifier: Apache-2.0
#include "models/hf/hub_cache.hpp"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <system_error>

#include <fmt/format.h>

#include "models/hf/model_files.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>(value);
}

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

std::string expand_variables(std::string_view text) {
  std::string result;
  for (std::size_t i = 0; i < text.size();) {
    const bool braced = text.substr(i).starts_with("${");
    const std::size_t begin = i + (braced ? 2 : 1);
    std::size_t end = begin;
    while (text[i] == '$' && end < text.size() && (braced ? text[end] != '}' : is_name_char(text[end]))) {
      ++end;
    }
    const bool complete = text[i] == '$' && end > begin && (!braced || end < text.size());
    const char* const value =
        complete ? std::getenv(std::string(text.substr(begin, end - begin)).c_str()) : nullptr;
    if (value != nullptr) {
      result += value;
      i = end + (braced ? 1 : 0);
    } else {
      result += text[i++];
    }
  }
  return result;
}

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

std::string repo_folder(const std::string& id) {
  const auto slash = id.find('/');
  return "models--" + (slash == std::string::npos ? id : id.substr(0, slash) + "--" + id.substr(slash + 1));
}

/// A snapshot can be partial: files are linked one by one as they arrive.
void check_complete(const fs::path& snapshot, ModelNeeds needs) {
  if (needs == ModelNeeds::kTokenizer) {
    require_model_file(snapshot / "tokenizer.json");
    return;
  }
  require_model_file(snapshot / "config.json");
  std::error_code error;
  const fs::path single = snapshot / "model.safetensors";
  const fs::path index = snapshot / "model.safetensors.index.json";
  if (!fs::exists(fs::symlink_status(single, error)) && fs::exists(fs::symlink_status(index, error))) {
    require_model_file(index);
  } else {
    require_model_file(single);
  }
}

fs::path snapshot_in(const fs::path& root, const std::string& id, ModelNeeds needs) {
  const fs::path repo = root / repo_folder(id);
  const std::string fetch = fmt::format(
      "ttx does not download, run: huggingface-cli download {} --cache-dir {}", id, root.string());
  std::error_code error;
  const fs::path ref = repo / "refs" / "main";
  TTX_CHECK_AS(fs::is_regular_file(ref, error), ExitCode::kCheckpoint, "model",
               "{}: the cache has {}, but not its branch main: no {}; {}", id, repo.string(), ref.string(),
               fetch);
  const std::string commit = without_end(read_model_text(ref));
  const bool is_commit =
      commit.size() == 40 &&
      std::all_of(commit.begin(), commit.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
  TTX_CHECK_AS(is_commit, ExitCode::kCheckpoint, "model",
               "{}: {} holds no commit: got '{}', expected 40 hex digits; {}", id, ref.string(),
               commit.substr(0, 60), fetch);
  fs::path snapshot = repo / "snapshots" / commit;
  TTX_CHECK_AS(fs::is_directory(snapshot, error), ExitCode::kCheckpoint, "model",
               "{}: {} names commit {}, but there is no {}; {}", id, ref.string(), commit, snapshot.string(),
               fetch);
  check_complete(snapshot, needs);
  return snapshot;
}

}  // namespace

std::string expand_path(std::string_view path) {
  std::string text(path);
  if (text == "~" || text.starts_with("~/")) {
    if (const auto home = variable("HOME")) {
      text.replace(0, 1, *home);
    }
  }
  return expand_variables(text);
}

std::vector<fs::path> hub_cache_roots() {
  std::vector<fs::path> roots;
  for (const char* name :
       {"TRANSFORMERS_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "PYTORCH_PRETRAINED_BERT_CACHE"}) {
    if (const auto value = variable(name)) {
      roots.emplace_back(expand_path(*value));
      break;
    }
  }
  const auto hub = variable("HF_HUB_CACHE");
  const auto old_hub = variable("HUGGINGFACE_HUB_CACHE");
  if (hub || old_hub) {
    roots.emplace_back(expand_path(hub ? *hub : *old_hub));
    return roots;
  }
  const auto cache_home = variable("XDG_CACHE_HOME");
  const std::string home =
      variable("HF_HOME").value_or((cache_home ? *cache_home : std::string("~/.cache")) + "/huggingface");
  roots.push_back(fs::path(expand_path(home)) / "hub");
  return roots;
}

std::string repo_id_fault(std::string_view id) {
  constexpr std::size_t kMostChars = 96;
  if (std::count(id.begin(), id.end(), '/') > 1) {
    return "it has more than one '/'";
  }
  const auto slash = id.find('/');
  for (const std::string_view part : {slash == std::string_view::npos ? id : id.substr(0, slash),
                                      slash == std::string_view::npos ? id : id.substr(slash + 1)}) {
    if (part.empty() || part.size() > kMostChars) {
      return fmt::format("a name has {} characters, expected 1 to {}", part.size(), kMostChars);
    }
    if (!std::all_of(part.begin(), part.end(),
                     [](char c) { return is_name_char(c) || c == '-' || c == '.'; })) {
      return "only letters, digits, '-', '_' and '.' are allowed";
    }
    if (!is_name_char(part.front()) || !is_name_char(part.back())) {
      return "a name begins or ends with '-' or '.'";
    }
  }
  if (id.find("--") != std::string_view::npos || id.find("..") != std::string_view::npos) {
    return "'--' and '..' are not allowed";
  }
  return id.ends_with(".git") ? "it ends with '.git'" : "";
}

fs::path resolve_model(const std::string& folder_or_id, const std::optional<std::string>& cache_dir,
                       ModelNeeds needs) {
  std::error_code error;
  if (fs::is_directory(folder_or_id, error)) {
    return folder_or_id;
  }
  TTX_CHECK_AS(!fs::exists(folder_or_id, error), ExitCode::kCheckpoint, "model",
               "'{}' is a file, expected a model folder or a repository id", folder_or_id);
  const std::string fault = repo_id_fault(folder_or_id);
  TTX_CHECK_AS(!looks_like_path(folder_or_id), ExitCode::kCheckpoint, "model", "there is no folder '{}'",
               folder_or_id);
  TTX_CHECK_AS(fault.empty(), ExitCode::kCheckpoint, "model",
               "'{}' is neither a folder nor a repository id like 'org/name': {}", folder_or_id, fault);
  const auto roots = cache_dir ? std::vector<fs::path>{*cache_dir} : hub_cache_roots();
  std::vector<std::string> looked;
  for (const auto& root : roots) {
    const fs::path repo = root / repo_folder(folder_or_id);
    if (fs::is_directory(repo, error)) {
      return snapshot_in(root, folder_or_id, needs);
    }
    looked.push_back(repo.string());
  }
  TTX_FAIL_AS(ExitCode::kCheckpoint, "model",
              "{} is neither a folder nor in the Hugging Face cache: no {}; ttx does not download, run: "
              "huggingface-cli download {} --cache-dir {}",
              folder_or_id, fmt::join(looked, ", no "), folder_or_id, roots.back().string());
}

}  // namespace ttx::hf
