// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/support/run_command.hpp"

namespace ttx::test {

/// How a run of the model is cut.
struct Cut {
  int ranks;
  std::string mesh;
  int threads;
  std::string path;  ///< "prefill", "chunks" (of three tokens) or "decode"
  std::string isa;   ///< empty: what TTX_ISA names, else the best one
  std::string ccl = "mpi";
};

/// A line per prompt length up to `longest`, with the hash of its logits, as `logits_hashes` prints them for
/// a bring-up, such as Qwen/Qwen3-0.6B/t3000, and a folder of the fixtures.
inline std::string logits_hashes(const std::string& bring_up, const std::string& checkpoint, const Cut& cut,
                                 int longest) {
  Command command =
      mpirun(cut.ranks, {TTX_LOGITS_HASHES, TTX_BINARY_DIR "/models/" + bring_up + "/functional/model.so",
                         TTX_FIXTURES "/" + checkpoint, cut.mesh, std::to_string(cut.threads), cut.path,
                         std::to_string(longest)});
  command.environment.push_back("TTX_CCL=" + cut.ccl);
  if (!cut.isa.empty()) {
    command.environment.push_back("TTX_ISA=" + cut.isa);
  }
  command.timeout_seconds = 240;
  const CommandResult result = run(command);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

/// Of Qwen3, up to length 70.
inline std::string logits_hashes(const std::string& checkpoint, const Cut& cut) {
  return logits_hashes("Qwen/Qwen3-0.6B/t3000", checkpoint, cut, 70);
}

/// The uncut run that the others are held against, made once per checkpoint.
inline const std::string& uncut_logits_hashes(const std::string& checkpoint) {
  static std::map<std::string, std::string> known;
  auto found = known.find(checkpoint);
  if (found == known.end()) {
    found = known.emplace(checkpoint, logits_hashes(checkpoint, {1, "1x1", 1, "prefill", ""})).first;
    EXPECT_NE(found->second.find("70 "), std::string::npos) << found->second;
  }
  return found->second;
}

}  // namespace ttx::test
