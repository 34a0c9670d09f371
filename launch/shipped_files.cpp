// SPDX-License-Identifier: Apache-2.0
#include "launch/shipped_files.hpp"

#include <system_error>

#include <fmt/format.h>

#include "ccl/mesh_fit.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

/// Where something that came with ttx lies; empty when the system does not say where the program is.
fs::path shipped_place(const fs::path& relative) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path() : program.parent_path().parent_path() / "share" / "ttx" / relative;
}

bool is_file(const fs::path& path) {
  std::error_code error;
  return fs::is_regular_file(path, error);
}

}  // namespace

fs::path find_prompt_file(const std::string& given) {
  TTX_CHECK(!given.empty(), "prompt", "--prompt_file: got an empty name, expected a file");
  std::error_code error;
  if (fs::exists(given, error)) {
    return given;
  }
  fs::path shipped = shipped_place("prompts" / fs::path(given).filename());
  TTX_CHECK(is_file(shipped), "prompt", "no such prompt file: looked for {}, {}", given, shipped.string());
  return shipped;
}

fs::path find_mesh_graph_descriptor(const std::string& value) {
  const fs::path folder = "mesh_graph_descriptors";
  std::string names;
  for (const BuiltInSystem& system : built_in_systems()) {
    if (value == system.name) {
      return shipped_place(folder / system.file_name);
    }
    names += fmt::format("{}{}", names.empty() ? "" : ", ", system.name);
  }
  std::error_code error;
  if (fs::status(value, error).type() != fs::file_type::not_found) {
    return value;
  }
  fs::path shipped = shipped_place(folder / value);
  const bool is_bare = value.find('/') == std::string::npos;
  TTX_CHECK_AS(is_bare && is_file(shipped), ExitCode::kMesh, "mesh graph descriptor",
               "TT_MESH_GRAPH_DESC_PATH={}: no such file; expected a file, or one of {}", value, names);
  return shipped;
}

fs::path shipped_folder(const std::string& name) {
  std::error_code error;
  fs::path folder = shipped_place(name);
  TTX_CHECK_AS(fs::is_directory(folder, error), ExitCode::kCheckpoint, "install",
               "the folder {} is missing; install ttx again", folder.string());
  return folder;
}

}  // namespace ttx::launch
