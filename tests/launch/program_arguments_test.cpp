// SPDX-License-Identifier: Apache-2.0
#include "launch/program_arguments.hpp"

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

TEST(ProgramArguments, FlagsInEverySpelling) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--mesh", "2x4", "--threads", "3", "--ccl", "mpi"},
        std::vector<std::string>{"--mesh=2x4", "--threads=3", "--ccl=mpi"},
        std::vector<std::string>{"--me", "2x4", "--thr=3", "--ccl"}}) {
    const ProgramArguments read = read_program_arguments(arguments);
    ASSERT_TRUE(read.mesh.has_value());
    EXPECT_EQ(read.mesh->devices(), 8);
    EXPECT_EQ(read.threads, 3);
    EXPECT_TRUE(read.chooses_ccl);
    EXPECT_FALSE(read.asks_only);
  }
}

TEST(ProgramArguments, OtherFlagsAreNotTheirs) {
  const ProgramArguments read =
      read_program_arguments({"--model", "m", "--max_new_tokens", "5", "--", "--mesh"});
  EXPECT_FALSE(read.mesh.has_value());
  EXPECT_FALSE(read.threads.has_value());
  EXPECT_FALSE(read.chooses_ccl);
}

TEST(ProgramArguments, ValuesThatAreNone) {
  EXPECT_EQ(read_program_arguments({"--threads", "many"}).threads, 0);
  EXPECT_EQ(read_program_arguments({"--threads"}).threads, 0);
  test::expect_error(ExitCode::kUsage, {"--mesh", "64x64", "at most 64"}, [] {
    read_program_arguments({"--mesh", "64x64"});
  });
  test::expect_error(ExitCode::kUsage, {"--mesh", "2by4"}, [] {
    read_program_arguments({"--mesh", "2by4"});
  });
}

TEST(ProgramArguments, TheBringUpIsWhereverItLooksLikeOne) {
  const test::TempDir folder;
  folder.write("bring_up/model.cpp", "");
  folder.write("checkpoint/config.json", "");
  const std::string bring_up = folder.path() / "bring_up";
  const std::string checkpoint = folder.path() / "checkpoint";
  EXPECT_EQ(read_program_arguments({"--model", checkpoint, "a/model.cpp"}).bring_up, "a/model.cpp");
  EXPECT_EQ(read_program_arguments({"--model", checkpoint, "b/model.so"}).bring_up, "b/model.so");
  EXPECT_EQ(read_program_arguments({"--model", checkpoint, bring_up}).bring_up, bring_up);
  EXPECT_EQ(read_program_arguments({"missing", "--model", checkpoint}).bring_up, "missing");
  EXPECT_FALSE(read_program_arguments({"--model", checkpoint}).bring_up.has_value());
  EXPECT_FALSE(read_program_arguments({}).bring_up.has_value());
}

TEST(ProgramArguments, CountRanks) {
  EXPECT_EQ(count_ranks(3, read_program_arguments({"--mesh", "2x4"}), "x"), 3);
  EXPECT_EQ(count_ranks({}, read_program_arguments({"missing", "--mesh", "1x2"}), "x"), 2);
  EXPECT_EQ(count_ranks({}, read_program_arguments({"--help"}), "x"), 1);
  test::expect_error(ExitCode::kUsage, {"how many ranks", "--ranks", "arguments of x"}, [] {
    count_ranks({}, read_program_arguments({"--model", "m"}), "x");
  });
  test::expect_error(ExitCode::kFailure, {"no such file", "missing"},
                     [] { count_ranks({}, read_program_arguments({"missing"}), "x"); });
}

}  // namespace
}  // namespace ttx::launch
