// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {

/// What ttx-launch reads of the environment: unset, so that a test sees its own settings alone.
inline std::vector<std::string> plain_environment() {
  return {"TTX_THREADS", "TTX_CCL", "OMPI_MCA_pml", "OMPI_MCA_btl", "OMPI_MCA_mpi_yield_when_idle"};
}

/// ttx-launch with these arguments; everything it writes goes below `folder`.
inline Command launch(const TempDir& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), program("ttx-launch"));
  Command command{.arguments = std::move(arguments), .environment = plain_environment(), .folder = {}};
  command.environment.push_back("TTX_CACHE=" + (folder / "cache").string());
  command.environment.push_back("TMPDIR=" + folder.path().string());
  return command;
}

/// The arguments of a short evaluation of the demo checkpoint.
inline std::vector<std::string> demo_eval(const std::string& system, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"ttx-eval",        bring_up(system), "--model",
                                     demo_checkpoint(), "--prompt_file",  "demo_story.txt"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

}  // namespace ttx::test
