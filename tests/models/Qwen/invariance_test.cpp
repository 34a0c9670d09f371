// SPDX-License-Identifier: Apache-2.0
//
// The same logits, bit for bit, however the work is cut: ranks, threads, prefill whole, in chunks or token by
// token, transport.
#include <string>

#include <gtest/gtest.h>

#include "tests/models/family/logits_hashes.hpp"

namespace ttx::test {
namespace {

class Invariance : public testing::TestWithParam<std::string> {
 protected:
  void expect_same(const Cut& cut) const {
    EXPECT_EQ(logits_hashes(GetParam(), cut), uncut_logits_hashes(GetParam()));
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
TEST_P(Invariance, InChunks) { expect_same({1, "1x1", 2, "chunks", ""}); }
TEST_P(Invariance, InChunksOnFourRanks) { expect_same({4, "1x4", 1, "chunks", "", "shm"}); }
TEST_P(Invariance, TokenByToken) { expect_same({1, "1x1", 1, "decode", ""}); }
TEST_P(Invariance, TokenByTokenOnEightRanks) { expect_same({8, "2x4", 1, "decode", ""}); }

INSTANTIATE_TEST_SUITE_P(Checkpoints, Invariance, testing::Values("qwen3-odd-a", "qwen3-odd-b"),
                         [](const auto& checkpoint) {
                           return checkpoint.param.substr(checkpoint.param.size() - 1);
                         });

}  // namespace
}  // namespace ttx::test
