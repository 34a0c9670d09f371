// SPDX-License-Identifier: Apache-2.0
//
// Every system of every bring-up: the same logits, bit for bit, on 1, 2, 4 and 8 ranks, prefill whole or in
// chunks, or token by token.
#include <string>

#include <gtest/gtest.h>

#include "tests/models/family/family.hpp"
#include "tests/models/family/logits_hashes.hpp"

namespace ttx::test {
namespace {

constexpr int kLongest = 9;

class Family : public testing::TestWithParam<Member> {};

TEST_P(Family, EverySystemOnEveryNumberOfRanks) {
  const Member& member = GetParam();
  const auto hashes = [&](const std::string& system, const Cut& cut) {
    return logits_hashes(member.model + "/" + system, member.fixture, cut, kLongest);
  };
  const std::string uncut = hashes("n150", {1, "1x1", 1, "prefill", ""});
  ASSERT_NE(uncut.find("9 "), std::string::npos) << uncut;
  EXPECT_EQ(hashes("n150", {1, "1x1", 2, "decode", ""}), uncut);
  EXPECT_EQ(hashes("n150", {1, "1x1", 1, "chunks", ""}), uncut);
  EXPECT_EQ(hashes("t3000", {8, "2x4", 1, "decode", "", "shm"}), uncut);
  for (const std::string& system : member.systems) {
    EXPECT_EQ(hashes(system, {2, "1x2", 1, "prefill", "", "shm"}), uncut) << system;
    EXPECT_EQ(hashes(system, {4, "1x4", 1, "prefill", ""}), uncut) << system;
    EXPECT_EQ(hashes(system, {8, "2x4", 1, "prefill", "", "shm"}), uncut) << system;
  }
}

INSTANTIATE_TEST_SUITE_P(Members, Family, testing::ValuesIn(family()),
                         [](const auto& member) { return test_name(member.param); });

}  // namespace
}  // namespace ttx::test
