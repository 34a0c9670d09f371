// SPDX-License-Identifier: Apache-2.0
#include "launch/open_files.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <string_view>
#include <system_error>

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

bool is_below(std::string_view path, const fs::path& folder) {
  const std::string& name = folder.native();
  return path.size() > name.size() && path.starts_with(name) && path[name.size()] == '/';
}

std::optional<pid_t> process_of(const fs::path& entry) {
  const std::string name = entry.filename().string();
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
  return error == std::errc{} && end == name.data() + name.size() ? std::optional(pid) : std::nullopt;
}

/// Descriptors before mappings: a file is mapped before it is closed.
std::vector<std::string> files_of(const fs::path& process) {
  std::vector<std::string> files;
  std::error_code error;
  files.push_back(fs::read_symlink(process / "cwd", error).string());
  for (fs::directory_iterator at(process / "fd", error), end; !error && at != end; at.increment(error)) {
    std::error_code gone;
    files.push_back(fs::read_symlink(at->path(), gone).string());
  }
  std::ifstream maps(process / "maps");
  for (std::string line; std::getline(maps, line);) {
    if (const std::size_t slash = line.find('/'); slash != std::string::npos) {
      files.push_back(line.substr(slash));
    }
  }
  return files;
}

}  // namespace

OpenFiles OpenFiles::below(const std::vector<fs::path>& folders) {
  OpenFiles result;
  std::error_code error;
  for (fs::directory_iterator at("/proc", error), end; !error && at != end; at.increment(error)) {
    const auto pid = process_of(at->path());
    if (!pid) {
      continue;
    }
    for (const std::string& file : files_of(at->path())) {
      if (std::any_of(folders.begin(), folders.end(),
                      [&](const fs::path& folder) { return is_below(file, folder); })) {
        result.holders_.emplace(file, *pid);
      }
    }
  }
  return result;
}

std::optional<pid_t> OpenFiles::holder(const fs::path& path) const {
  for (const auto& [file, pid] : holders_) {
    if (file == path.native() || is_below(file, path)) {
      return pid;
    }
  }
  return std::nullopt;
}

}  // namespace ttx::launch
