// SPDX-License-Identifier: Apache-2.0
#include "models/hf/repo_id.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace ttx::hf {

namespace {

bool is_name_char(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

}  // namespace

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

std::string repo_folder(const std::string& id) {
  const auto slash = id.find('/');
  return "models--" + (slash == std::string::npos ? id : id.substr(0, slash) + "--" + id.substr(slash + 1));
}

std::string repo_id_of(const std::string& cache_folder) {
  constexpr std::string_view kPrefix = "models--";
  if (!cache_folder.starts_with(kPrefix)) {
    return {};
  }
  const std::string id = cache_folder.substr(kPrefix.size());
  const auto separator = id.find("--");
  return separator == std::string::npos ? id : id.substr(0, separator) + "/" + id.substr(separator + 2);
}

}  // namespace ttx::hf
