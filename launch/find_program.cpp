// SPDX-License-Identifier: Apache-2.0
#include "launch/find_program.hpp"

#include <cstdlib>
#include <string_view>
#include <system_error>
#include <unistd.h>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

bool can_be_started(const fs::path& file) {
  std::error_code error;
  return fs::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace

std::optional<fs::path> find_on_path(const std::string& name) {
  const char* const path = std::getenv("PATH");
  std::string_view rest = path == nullptr ? "" : path;
  while (!rest.empty()) {
    const std::size_t colon = rest.find(':');
    const std::string_view folder = rest.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
    if (fs::path file = fs::path(folder) / name; !folder.empty() && can_be_started(file)) {
      return file;
    }
  }
  return std::nullopt;
}

fs::path find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    TTX_CHECK(can_be_started(name), "program", "{} is not a program: expected an executable file", name);
    return name;
  }
  std::error_code error;
  const fs::path here = fs::read_symlink("/proc/self/exe", error).parent_path();
  if (!error && can_be_started(here / name)) {
    return here / name;
  }
  const auto found = find_on_path(name);
  TTX_CHECK(found.has_value(), "program", "there is no program {}: looked in {} and on PATH", name,
            here.string());
  return *found;
}

}  // namespace ttx::launch
