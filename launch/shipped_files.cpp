// SPDX-License-Identifier: Apache-2.0
#include "launch/shipped_files.hpp"

#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

fs::path find_prompt_file(const std::string& given) {
  TTX_CHECK(!given.empty(), "prompt", "--prompt_file: got an empty name, expected a file");
  std::error_code error;
  if (fs::exists(given, error)) {
    return given;
  }
  std::vector<fs::path> candidates{given};
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    candidates.push_back(program.parent_path().parent_path() / "share" / "ttx" / "prompts" /
                         fs::path(given).filename());
  }
  std::vector<std::string> looked_at;
  for (const fs::path& candidate : candidates) {
    if (fs::is_regular_file(candidate, error)) {
      return candidate;
    }
    looked_at.push_back(candidate.string());
  }
  TTX_FAIL("prompt", "no such prompt file: looked for {}", fmt::join(looked_at, ", "));
}

fs::path shipped_folder(const std::string& name) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path folder = program.parent_path().parent_path() / "share" / "ttx" / name;
  TTX_CHECK_AS(fs::is_directory(folder, error), ExitCode::kCheckpoint, "install",
               "the folder {} is missing; install ttx again", folder.string());
  return folder;
}

}  // namespace ttx::launch
