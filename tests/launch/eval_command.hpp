// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {

inline std::string bring_up(const std::string& system, const std::string& model = "Qwen/Qwen3-0.6B") {
  return std::string(TTX_SOURCE_DIR) + "/models/" + model + "/" + system + "/functional/model.cpp";
}
inline std::string tiny_checkpoint() { return std::string(TTX_FIXTURES) + "/qwen3-odd-a"; }
inline std::string demo_checkpoint(const std::string& name = "checkpoint") {
  return std::string(TTX_SOURCE_DIR) + "/launch/demo/" + name;
}

/// ttx-eval on that many ranks, its caches in `cache`, the system the default one.
inline Command eval(int ranks, const TempDir& cache, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("ttx-eval"));
  Command command = ranks == 0 ? Command{.arguments = arguments, .environment = {}, .folder = {}}
                               : mpirun(ranks, arguments);
  command.environment = {"TTX_CACHE=" + cache.path().string(), "TT_MESH_GRAPH_DESC_PATH",
                         "TT_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICE"};
  return command;
}

inline std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t found = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + piece.size())) {
    ++found;
  }
  return found;
}

}  // namespace ttx::test
