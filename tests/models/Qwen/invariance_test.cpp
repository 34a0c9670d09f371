// SPDX-License-Identifier: Apache-2.0
//
// The same logits, bit for bit, however the work is cut: ranks, threads, prefill or token by token,
// instruction set, transport.
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "tests/support/run_command.hpp"

namespace {

using ttx::test::Command;
using ttx::test::CommandResult;

constexpr int kLongestPrompt = 70;

struct Cut {
  int ranks;
  std::string mesh;
  int threads;
  std::string path;
  std::string isa;  // empty: the best one
  std::string ccl = "mpi";
};

std::string hashes(const std::string& checkpoint, const Cut& cut) {
  Command command = ttx::test::mpirun(
      cut.ranks,
      {TTX_LOGITS_HASHES, std::string(TTX_BINARY_DIR) + "/models/Qwen/Qwen3-0.6B/t3000/functional/model.so",
       checkpoint, cut.mesh, std::to_string(cut.threads), cut.path, std::to_string(kLongestPrompt)});
  command.environment.push_back("TTX_CCL=" + cut.ccl);
  if (!cut.isa.empty()) {
    command.environment.push_back("TTX_ISA=" + cut.isa);
  }
  command.timeout_seconds = 240;
  const CommandResult result = ttx::test::run(command);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  return result.out;
}

class Invariance : public testing::TestWithParam<std::string> {
 protected:
  std::string checkpoint() const { return std::string(TTX_FIXTURES) + "/" + GetParam(); }
  void expect_same(const Cut& cut) const {
    const std::string expected = hashes(checkpoint(), {1, "1x1", 1, "prefill", ""});
    ASSERT_NE(expected.find("70 "), std::string::npos) << expected;
    EXPECT_EQ(hashes(checkpoint(), cut), expected);
  }
};

TEST_P(Invariance, TwoRanks) { expect_same({2, "1x2", 1, "prefill", ""}); }
TEST_P(Invariance, FourRanks) { expect_same({4, "1x4", 1, "prefill", ""}); }
TEST_P(Invariance, EightRanks) { expect_same({8, "2x4", 1, "prefill", ""}); }
TEST_P(Invariance, TwoRanksOverTheWindow) { expect_same({2, "1x2", 1, "prefill", "", "shm"}); }
TEST_P(Invariance, FourRanksOverTheWindow) { expect_same({4, "2x2", 1, "decode", "", "shm"}); }
TEST_P(Invariance, EightRanksOverTheWindow) { expect_same({8, "2x4", 1, "prefill", "", "shm"}); }
TEST_P(Invariance, EightRanksOverTheWindowTokenByToken) { expect_same({8, "2x4", 1, "decode", "", "shm"}); }
TEST_P(Invariance, TwoThreads) { expect_same({1, "1x1", 2, "prefill", ""}); }
TEST_P(Invariance, TwoRanksOfTwoThreads) { expect_same({2, "2x1", 2, "prefill", ""}); }
TEST_P(Invariance, TokenByToken) { expect_same({1, "1x1", 1, "decode", ""}); }
TEST_P(Invariance, TokenByTokenOnEightRanks) { expect_same({8, "2x4", 1, "decode", ""}); }
TEST_P(Invariance, GenericKernels) { expect_same({1, "1x1", 2, "prefill", "generic"}); }
TEST_P(Invariance, GenericKernelsTokenByToken) { expect_same({1, "1x1", 2, "decode", "generic"}); }

INSTANTIATE_TEST_SUITE_P(Checkpoints, Invariance, testing::Values("qwen3-odd-a", "qwen3-odd-b"),
                         [](const auto& checkpoint) {
                           return checkpoint.param.substr(checkpoint.param.size() - 1);
                         });

}  // namespace
