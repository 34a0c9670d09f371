// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ttx {

/// Of the interface between programs and modules: a hash of all headers that modules may include, in
/// lower-case hexadecimal. Made by the build.
std::string_view module_version();

/// What ttx_add_model() wrote into a module: one line each, `version V`, `target T`, `build <path of the
/// build folder, relative to the module's>`, and per source `source <path relative to the bring-up's folder>
/// <sha256>`.
struct ModuleSources {
  struct Source {
    std::string path;
    std::string sha256;
  };
  std::string version;
  std::string target;
  std::string build_folder;
  std::vector<Source> sources;

  /// "rebuild it with: cmake --build /path --target name", fit for a shell; what to do instead where the
  /// module lies in no build folder, as an installed one.
  std::string rebuild_hint(const std::filesystem::path& module) const;
};

/// Unknown lines are skipped; a missing version reads as "".
ModuleSources parse_module_sources(std::string_view text);

/// Throws Error with the command that rebuilds when a source, found relative to the folder of `model_source`,
/// has other bytes than the module was built from, or is gone.
void check_up_to_date(const ModuleSources& sources, const std::filesystem::path& model_source,
                      const std::filesystem::path& module);

}  // namespace ttx
