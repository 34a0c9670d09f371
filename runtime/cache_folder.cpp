// SPDX-License-Identifier: Apache-2.0
#include "runtime/cache_folder.hpp"

#include <cstdlib>
#include <string>
#include <system_error>
#include <unistd.h>

namespace ttx {

namespace {

std::filesystem::path from_environment(const char* variable) {
  const char* const value = std::getenv(variable);
  return value == nullptr ? std::filesystem::path() : std::filesystem::path(value);
}

}  // namespace

std::filesystem::path cache_folder() {
  for (const char* const variable : {"TTX_CACHE", "TT_METAL_CACHE"}) {
    if (std::filesystem::path folder = from_environment(variable); !folder.empty()) {
      return folder;
    }
  }
  if (const std::filesystem::path base = from_environment("XDG_CACHE_HOME"); base.is_absolute()) {
    return base / "ttx";
  }
  const std::filesystem::path home = from_environment("HOME");
  return home.empty() ? home : home / ".cache" / "ttx";
}

bool make_writable_folder(const std::filesystem::path& folder) {
  if (folder.empty()) {
    return false;
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return std::filesystem::is_directory(folder, error) && ::access(folder.c_str(), W_OK | X_OK) == 0;
}

}  // namespace ttx
