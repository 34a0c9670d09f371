// SPDX-License-Identifier: Apache-2.0
#include "models/hf/hub_environment.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <optional>
#include <pwd.h>
#include <unistd.h>

namespace ttx::hf {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> variable(const std::string& name) {
  const char* const value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
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
    const auto value = complete ? variable(std::string(text.substr(begin, end - begin))) : std::nullopt;
    if (value) {
      result += *value;
      i = end + (braced ? 1 : 0);
    } else {
      result += text[i++];
    }
  }
  return result;
}

/// The home folder of a user, of this one when `user` is empty, from the system's list of users.
std::optional<std::string> listed_home(const std::string& user) {
  passwd entry = {};
  passwd* found = nullptr;
  std::array<char, 16384> buffer = {};
  if (user.empty()) {
    ::getpwuid_r(::getuid(), &entry, buffer.data(), buffer.size(), &found);
  } else {
    ::getpwnam_r(user.c_str(), &entry, buffer.data(), buffer.size(), &found);
  }
  return found == nullptr || found->pw_dir == nullptr ? std::nullopt
                                                      : std::optional<std::string>(found->pw_dir);
}

std::string expand_home(const std::string& path) {
  if (!path.starts_with('~')) {
    return path;
  }
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string user = path.substr(1, end - 1);
  const auto set = user.empty() ? variable("HOME") : std::nullopt;
  auto home = set ? set : listed_home(user);
  if (!home) {
    return path;
  }
  while (home->ends_with('/')) {
    home->pop_back();
  }
  const std::string expanded = *home + path.substr(end);
  return expanded.empty() ? "/" : expanded;
}

bool says_true(std::string value) {
  std::transform(value.begin(), value.end(), value.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return value == "1" || value == "ON" || value == "YES" || value == "TRUE";
}

}  // namespace

std::string expand_path(std::string_view path) { return expand_variables(expand_home(std::string(path))); }

std::vector<fs::path> hub_cache_roots() {
  std::vector<fs::path> roots;
  for (const char* name :
       {"TRANSFORMERS_CACHE", "PYTORCH_TRANSFORMERS_CACHE", "PYTORCH_PRETRAINED_BERT_CACHE"}) {
    if (const auto value = variable(name)) {
      roots.emplace_back(*value);
      break;
    }
  }
  const fs::path cache_home = variable("XDG_CACHE_HOME").value_or(expand_path("~/.cache"));
  const fs::path home = expand_path(variable("HF_HOME").value_or((cache_home / "huggingface").string()));
  const std::string old_name = variable("HUGGINGFACE_HUB_CACHE").value_or((home / "hub").string());
  roots.emplace_back(expand_path(variable("HF_HUB_CACHE").value_or(old_name)));
  return roots;
}

std::vector<std::string> offline_switches() {
  const std::string hub = variable("HF_HUB_OFFLINE").value_or("");
  std::vector<std::string> names;
  if (says_true(hub)) {
    names.emplace_back("HF_HUB_OFFLINE");
  }
  if ((hub.empty() || says_true(hub)) && says_true(variable("TRANSFORMERS_OFFLINE").value_or(""))) {
    names.emplace_back("TRANSFORMERS_OFFLINE");
  }
  return names;
}

}  // namespace ttx::hf
