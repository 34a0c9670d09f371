// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_model.hpp"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace fs = std::filesystem;

namespace {

/// Folders that hold <org>/<name>/<system>.
std::vector<fs::path> places() {
  std::vector<fs::path> roots;
  std::error_code error;
  roots.push_back(fs::current_path(error) / "models");
  const char* const named = std::getenv("TTX_MODULE_PATH");
  for (std::string_view rest = named == nullptr ? "" : named; !rest.empty();) {
    const std::size_t colon = rest.find(':');
    if (const std::string_view part = rest.substr(0, colon); !part.empty()) {
      roots.emplace_back(part);
    }
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path prefix = program.parent_path().parent_path();  // of build/dev/bin: build/dev
    roots.push_back(prefix / "lib" / "ttx" / "models");
    roots.push_back(prefix.parent_path() / "models");
    roots.push_back(prefix.parent_path().parent_path() / "models");
    roots.push_back(prefix / "models");
  }
  return roots;
}

std::optional<fs::path> bring_up_in(const fs::path& functional) {
  std::error_code error;
  for (const char* const file : {"model.cpp", "model.so"}) {
    if (fs::is_regular_file(functional / file, error)) {
      return functional / file;
    }
  }
  return std::nullopt;
}

/// "; there is one for n300, t3000: see --system", or nothing.
std::string other_systems(const std::vector<fs::path>& roots, const std::string& hf_model) {
  std::set<std::string> systems;
  std::error_code ignored;
  for (const fs::path& root : roots) {
    for (const auto& entry : fs::directory_iterator(root / hf_model, ignored)) {
      if (bring_up_in(entry.path() / "functional")) {
        systems.insert(entry.path().filename().string());
      }
    }
  }
  return systems.empty() ? ""
                         : fmt::format("; there is one for {}: choose it with --system",
                                       fmt::join(systems.begin(), systems.end(), ", "));
}

bool is_folder(const std::string& text) {
  std::error_code error;
  return text.starts_with("/") || text.starts_with(".") || text.starts_with("~") ||
         fs::is_directory(text, error);
}

}  // namespace

fs::path find_bring_up(const std::string& hf_model, const std::string& system) {
  const fs::path relative = fs::path(hf_model) / system / "functional";
  const std::vector<fs::path> roots = places();
  for (const fs::path& root : roots) {
    if (const auto found = bring_up_in(root / relative)) {
      return *found;
    }
  }
  const std::string name = fmt::format("models/{}/{}/functional/model.cpp", hf_model, system);
  TTX_CHECK(!is_folder(hf_model), "model",
            "Missing model file: {}: --hf-model names the bring-up, and \"{}\" is a folder; give the "
            "bring-up's Hugging Face id, and the folder with --checkpoint",
            name, hf_model);
  std::vector<std::string> looked;
  looked.reserve(roots.size());
  for (const fs::path& root : roots) {
    if (std::find(looked.begin(), looked.end(), root.string()) == looked.end()) {
      looked.push_back(root.string());
    }
  }
  TTX_FAIL("model", "Missing model file: {}: looked in {}{}", name, fmt::join(looked, ", "),
           other_systems(roots, hf_model));
}

}  // namespace ttx::launch
