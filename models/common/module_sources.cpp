// SPDX-License-Identifier: Apache-2.0
#include "models/common/module_sources.hpp"

#include <fstream>
#include <sstream>

#include <fmt/core.h>

#include "runtime/error.hpp"
#include "runtime/sha256.hpp"
#include "runtime/shell_quoted.hpp"

namespace ttx {

namespace fs = std::filesystem;

std::string ModuleSources::rebuild_hint(const fs::path& module) const {
  fs::path build = (fs::absolute(module).parent_path() / build_folder).lexically_normal();
  if (!build.has_filename()) {
    build = build.parent_path();  // no slash at the end
  }
  std::error_code error;
  if (!build_folder.empty() && fs::exists(build / "CMakeCache.txt", error)) {
    return fmt::format("rebuild it with: cmake --build {} --target {}", shell_quoted(build.string()),
                       shell_quoted(target));
  }
  return "it lies in no build folder; copy the bring-up into a project of your own and build it there with "
         "ttx_add_model()";
}

ModuleSources parse_module_sources(std::string_view text) {
  ModuleSources result;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) {
      continue;
    }
    const std::string key = line.substr(0, space);
    const std::string value = line.substr(space + 1);
    if (key == "version") {
      result.version = value;
    } else if (key == "target") {
      result.target = value;
    } else if (key == "build") {
      result.build_folder = value;
    } else if (const std::size_t last = value.rfind(' '); key == "source" && last != std::string::npos) {
      result.sources.push_back({value.substr(0, last), value.substr(last + 1)});
    }
  }
  return result;
}

void check_up_to_date(const ModuleSources& sources, const fs::path& model_source, const fs::path& module) {
  for (const ModuleSources::Source& source : sources.sources) {
    const fs::path file = (model_source.parent_path() / source.path).lexically_normal();
    std::ifstream stream(file, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
    TTX_CHECK(stream.is_open() && sha256_hex(bytes) == source.sha256, "module",
              "{} is older than its source: {} {}; {}", module.string(), file.string(),
              stream.is_open() ? "has changed since" : "is gone", sources.rebuild_hint(module));
  }
}

}  // namespace ttx
