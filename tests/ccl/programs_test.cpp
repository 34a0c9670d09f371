// SPDX-License-Identifier: Apache-2.0
// Starts and ends of whole jobs, seen from outside.
#include <cstdio>
#include <filesystem>
#include <optional>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ccl/environment.hpp"
#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx {
namespace {

using test::Command;
using test::CommandResult;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string kProbe = std::string(TTX_BINARY_DIR) + "/tests/ccl_probe";
const std::string kFailing = std::string(TTX_BINARY_DIR) + "/tests/ccl_failing_probe";

CommandResult start(int ranks, const std::string& what) {
  Command command = test::mpirun(ranks, {kProbe, what});
  command.timeout_seconds = 60;
  return test::run(command);
}

CommandResult start_alone(std::vector<std::string> environment, const std::string& what = "hello") {
  Command command;
  command.arguments = {kProbe, what};
  command.environment = std::move(environment);
  command.timeout_seconds = 60;
  return test::run(command);
}

TEST(Start, WithoutMpirunIsAWorldOfOne) {
  const CommandResult result = start_alone({});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "rank 0 of 1\n");
  EXPECT_THAT(result.err, IsEmpty());
}

TEST(Start, AWorldOfOneNeedsNoHomeFolderAndNoTemporaryFolder) {
  const test::TempDir folder;
  const std::string file = folder.write("a_file", "").string();
  for (const std::string& place : {std::string("/proc"), std::string("/nonexistent/folder"), file}) {
    const CommandResult result = start_alone({"HOME=" + place, "TMPDIR=" + place});
    EXPECT_EQ(result.exit_code, 0) << place;
    EXPECT_EQ(result.out, "rank 0 of 1\n") << place;
    EXPECT_THAT(result.err, IsEmpty()) << place;
  }
  EXPECT_EQ(start_alone({"HOME", "TMPDIR"}).exit_code, 0);
}

TEST(Start, AWorldOfOneLeavesNoFolderBehind) {
  const test::TempDir folder;
  EXPECT_EQ(start_alone({"TMPDIR=" + folder.path().string()}).exit_code, 0);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(Start, WhatIsToldToMpiIsTakenBack) {
  const CommandResult alone = start_alone({}, "environment");
  EXPECT_THAT(alone.out,
              AllOf(Not(HasSubstr("OMPI_MCA_btl=")), Not(HasSubstr("OMPI_MCA_ess_singleton_isolated"))));
}

TEST(Start, UnderMpirunEveryRankIsThere) {
  const CommandResult result = start(3, "hello");
  EXPECT_EQ(result.exit_code, 0);
  for (const char* rank : {"rank 0 of 3", "rank 1 of 3", "rank 2 of 3"}) {
    EXPECT_THAT(result.out, HasSubstr(rank));
  }
}

/// How often a rank yields its core while it waits for another; -1 when it does not say. mpirun is started
/// without the flags of the test suite, which ask for yielding too.
int yields_in_a_wait(std::vector<std::string> flags) {
  Command command = test::mpirun(2, {});
  command.arguments.resize(3);
  command.arguments.insert(command.arguments.end(), {"--host", "localhost:2", "--allow-run-as-root"});
  command.arguments.insert(command.arguments.end(), flags.begin(), flags.end());
  command.arguments.insert(command.arguments.end(), {kProbe, "wait"});
  command.environment = {"OMPI_MCA_mpi_yield_when_idle"};
  command.timeout_seconds = 60;
  int yields = -1;
  std::sscanf(test::run(command).out.c_str(), "%d yields", &yields);
  return yields;
}

TEST(Start, WaitingRanksYieldUnlessTheUserSaysOtherwise) {
  EXPECT_GT(yields_in_a_wait({}), 0);
  EXPECT_EQ(yields_in_a_wait({"--mca", "mpi_yield_when_idle", "0"}), 0);
}

TEST(End, OfAFailingRootIsOrderly) {
  const CommandResult result = start(3, "on_root");
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.err, HasSubstr("rank 0 says [probe] root is unwell"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("rank 1 leaves with 4"), HasSubstr("rank 2 leaves with 4")));
}

TEST(End, OfOneFailingRankIsOrderly) {
  const CommandResult result = start(3, "everywhere");
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.err, HasSubstr("rank 2 says [probe] last is unwell"));
  EXPECT_THAT(result.out, AllOf(HasSubstr("rank 0 leaves with 5"), HasSubstr("rank 1 leaves with 5")));
}

TEST(End, OfAWrongRankCount) {
  const CommandResult result = start(3, "mesh");
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err,
              HasSubstr("[mesh] the model wants a (2, 4) mesh, 8 devices: got 3 ranks, expected 8; start it "
                        "with: mpirun -np 8"));
  EXPECT_EQ(start_alone({}, "mesh").exit_code, 3);
}

TEST(End, ByAbortTakesEveryRankAlong) {
  const CommandResult result = start(3, "abort");
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_EQ(start_alone({}, "abort").exit_code, 5);
}

TEST(End, ByUnwindingPastTheEnvironmentTakesEveryRankAlong) {
  const CommandResult result = start(3, "unwind");
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 7);
  EXPECT_THAT(result.err, HasSubstr("unwinding"));
  EXPECT_EQ(start_alone({}, "unwind").exit_code, 7);
}

TEST(End, OfARankInTheWindowTakesEveryRankAlong) {
  const CommandResult killed = start(3, "window_kill");
  EXPECT_FALSE(killed.timed_out);
  EXPECT_EQ(killed.exit_code, 137);
  const CommandResult left = start(3, "window_exit");
  EXPECT_FALSE(left.timed_out);
  EXPECT_EQ(left.exit_code, 6);
}

TEST(Window, HasNoNameThatCouldBeLeftBehind) {
  const CommandResult result = start(3, "window_names");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(result.out, "window open\n");
}

TEST(Window, WithoutAPlaceForItIsOneSentence) {
  Command command = test::mpirun(3, {kProbe, "window"});
  command.environment = {"OMPI_MCA_osc_sm_backing_directory=/nonexistent"};
  command.timeout_seconds = 60;
  const CommandResult result = test::run(command);
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("[window] no shared memory for --ccl shm"), HasSubstr("--ccl mpi")));
}

/// The probe on three ranks, with a /dev/shm of its own; nullopt where nobody may mount one.
std::optional<CommandResult> start_in_small_shm(const std::string& size, const std::string& what) {
  const auto in_mount = [&](const std::string& command) {
    Command shell;
    shell.arguments = {"unshare",
                       "--user",
                       "--map-root-user",
                       "--mount",
                       "sh",
                       "-c",
                       "mount -t tmpfs -o size=" + size + " tmpfs /dev/shm && " + command};
    shell.timeout_seconds = 60;
    return test::run(shell);
  };
  if (in_mount("true").exit_code != 0) {
    return std::nullopt;
  }
  std::string command;
  for (const std::string& argument : test::mpirun(3, {kProbe, what}).arguments) {
    command += argument + " ";
  }
  return in_mount(command);
}

TEST(Window, OnAFullHostIsOneSentenceAndNoSignal) {
  const auto enough = start_in_small_shm("64m", "window");
  if (!enough) {
    GTEST_SKIP() << "this system lets nobody mount";
  }
  EXPECT_EQ(enough->exit_code, 0) << enough->err;
  const auto full = start_in_small_shm("1m", "window");
  EXPECT_FALSE(full->timed_out);
  EXPECT_EQ(full->exit_code, 3) << full->err;
  EXPECT_THAT(full->err, AllOf(HasSubstr("[window] no shared memory for --ccl shm"), HasSubstr("--ccl mpi")));
  const auto filled = start_in_small_shm("16m", "window_full");
  EXPECT_FALSE(filled->timed_out);
  EXPECT_EQ(filled->exit_code, 0) << filled->err;
  EXPECT_EQ(filled->out, "no room\n");
}

/// The probe on four ranks, dealt out in turn to two hosts: this one under two names, each in a namespace of
/// its own. nullopt where nobody may make one.
std::optional<CommandResult> start_on_two_hosts(const std::string& what) {
  const test::TempDir folder;
  const auto agent = folder.write("agent",
                                  "#!/bin/sh\nhost=$1; shift\n"
                                  "exec unshare --user --map-root-user --uts sh -c \"hostname $host; $*\"\n");
  std::filesystem::permissions(agent, std::filesystem::perms::owner_all);
  const auto start = [&](std::vector<std::string> program) {
    Command command = test::mpirun(4, {"--host", "hosta:2,hostb:2", "--map-by", "node"});
    for (const auto& [name, value] :
         {std::pair("plm_rsh_agent", agent.string()), std::pair("oob_tcp_if_include", std::string("lo")),
          std::pair("btl_tcp_if_include", std::string("lo"))}) {
      command.arguments.insert(command.arguments.end(), {"--mca", name, value});
    }
    command.arguments.insert(command.arguments.end(), program.begin(), program.end());
    command.timeout_seconds = 60;
    return test::run(command);
  };
  if (start({"true"}).exit_code != 0) {
    return std::nullopt;
  }
  return start({kProbe, what});
}

TEST(TwoHosts, KeepTheirRanksTogetherOnTheLine) {
  const auto result = start_on_two_hosts("line");
  if (!result) {
    GTEST_SKIP() << "this system lets nobody name hosts";
  }
  EXPECT_EQ(result->exit_code, 0) << result->err;
  EXPECT_THAT(result->out, AllOf(HasSubstr("rank 0 is device 0\n"), HasSubstr("rank 2 is device 1\n"),
                                 HasSubstr("rank 1 is device 2\n"), HasSubstr("rank 3 is device 3\n")));
  EXPECT_THAT(result->err, HasSubstr("host hosta: ranks 0 2, host hostb: ranks 1 3"));
}

TEST(TwoHosts, HaveNoWindow) {
  const auto result = start_on_two_hosts("window");
  if (!result) {
    GTEST_SKIP() << "this system lets nobody name hosts";
  }
  EXPECT_FALSE(result->timed_out);
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_THAT(result->err, AllOf(HasSubstr("rank 0 says [window] --ccl shm is for ranks of one host"),
                                 HasSubstr("use --ccl mpi"), Not(HasSubstr("rank 1 says"))));
}

/// Runs one of the tests that fail on purpose.
CommandResult failing(const std::string& name, const std::string& promised_ranks = "3") {
  Command command = test::mpirun(3, {kFailing, "--gtest_filter=Failing." + name});
  command.environment = {"TTX_TEST_RANKS=" + promised_ranks};
  command.timeout_seconds = 60;
  return test::run(command);
}

TEST(MpiMain, PassesWhatPasses) {
  const CommandResult result = failing("Nowhere");
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.out, HasSubstr(" PASSED "));
}

TEST(MpiMain, ReportsTheFailureOfAnotherRank) {
  const CommandResult result = failing("OnTheLastRankOnly");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.out, AllOf(HasSubstr("[rank 2]"), HasSubstr("as planned"), HasSubstr(" FAILED ")));
}

TEST(MpiMain, EndsAJobWhoseRanksHaveLostEachOther) {
  for (const char* name : {"OnTheLastRankWhileTheOthersWait", "ByAnExceptionWhileTheOthersWait"}) {
    const CommandResult result = failing(name);
    EXPECT_FALSE(result.timed_out) << name;
    EXPECT_NE(result.exit_code, 0) << name;
    EXPECT_THAT(result.err, AllOf(HasSubstr("[rank 2]"), HasSubstr("as planned"))) << name;
  }
}

TEST(MpiMain, ChecksTheRankCount) {
  const CommandResult result = failing("Nowhere", "4");
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("got 3, expected 4"));
}

}  // namespace
}  // namespace ttx
