// SPDX-License-Identifier: Apache-2.0
#include "launch/mpirun_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::launch {
namespace {

TEST(MpirunWords, CountingRanksIsNotForThem) {
  for (const char* flag : {"-np", "--np", "-n", "--n", "-c"}) {
    test::expect_error(ExitCode::kUsage, {"--mpi", flag, "--ranks"}, [&] {
      MpirunWords({"--host", "a", flag, "3"});
    });
  }
}

TEST(MpirunWords, NothingMayBeTakenForTheProgram) {
  test::expect_error(ExitCode::kUsage, {"\"a:4\" first"}, [] { MpirunWords({"a:4"}); });
  test::expect_error(ExitCode::kUsage, {"\":\""}, [] { MpirunWords({"--host", "a", ":", "-x", "A"}); });
}

TEST(MpirunWords, FlagsHaveOneDashOrTwo) {
  const MpirunWords words({"-host", "a:4,b", "--mca", "pml", "ob1", "-x", "A=1", "-x", "B"});
  EXPECT_TRUE(words.have({"host"}));
  EXPECT_TRUE(words.have({"hostfile", "mca"}));
  EXPECT_FALSE(words.have({"hostfile", "a:4,b", ""}));
  EXPECT_TRUE(words.set_parameter("pml"));
  EXPECT_FALSE(words.set_parameter("ob1"));
  EXPECT_TRUE(words.export_variable("A"));
  EXPECT_TRUE(words.export_variable("B"));
  EXPECT_FALSE(words.export_variable("A=1"));
  EXPECT_THAT(words.hosts(), testing::ElementsAre("a", "b"));
}

TEST(MpirunWords, NoneHaveNothing) {
  const MpirunWords words;
  EXPECT_FALSE(words.have({"host", "x"}));
  EXPECT_THAT(words.hosts(), testing::IsEmpty());
}

}  // namespace
}  // namespace ttx::launch
