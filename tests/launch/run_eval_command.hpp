// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/launch/launch_command.hpp"

namespace ttx::test {

/// ttx-run-eval with these arguments, its caches and temporary files below `folder`.
inline Command run_eval(const TempDir& folder, std::vector<std::string> arguments) {
  Command command = launch(folder, std::move(arguments));
  command.arguments.front() = program("ttx-run-eval");
  for (const char* const name :
       {"YT_SYSTEM", "TTX_MODULE_PATH", "TT_MESH_GRAPH_DESC_PATH", "TT_VISIBLE_DEVICES",
        "TT_METAL_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICE"}) {
    command.environment.emplace_back(name);
  }
  return command;
}

/// The bring-up of Qwen3-0.6B on the demo checkpoint.
inline std::vector<std::string> demo_run_eval(const std::string& mode, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"--mode",          mode,           "--hf-model",
                                     "Qwen/Qwen3-0.6B", "--checkpoint", demo_checkpoint()};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace ttx::test
