// SPDX-License-Identifier: Apache-2.0
//
// ttx-launch with real ranks: what it starts, what it exits with, what it says.
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/shell_quoted.hpp"
#include "tests/launch/launch_command.hpp"

namespace ttx::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TtxLaunch : public testing::Test {
 protected:
  CommandResult launched(std::vector<std::string> arguments) {
    return run(launch(folder_, std::move(arguments)));
  }

  nlohmann::json results(const std::string& system, std::vector<std::string> more,
                         std::vector<std::string> own = {}) {
    const std::string file = (folder_ / "results.json").string();
    more.insert(more.end(), {"--json", file});
    const auto arguments = demo_eval(system, more);
    own.insert(own.end(), arguments.begin(), arguments.end());
    const CommandResult result = launched(own);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_EQ(count(result.out, "Top-1 accuracy"), 1U) << result.out;
    std::ifstream stream(file);
    return nlohmann::json::parse(stream, nullptr, false);
  }

  /// One sentence of `speaker` on stderr and nothing else.
  void expect_sentence(const CommandResult& result, int exit_code, const std::string& speaker,
                       const std::vector<std::string>& pieces) {
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, exit_code) << result.err;
    EXPECT_EQ(result.err.rfind(speaker + ": error: ", 0), 0U) << result.err;
    EXPECT_EQ(count(result.err, "\n"), 1U) << result.err;
    for (const std::string& piece : pieces) {
      EXPECT_THAT(result.err, HasSubstr(piece));
    }
  }

  TempDir folder_;
};

TEST_F(TtxLaunch, AsManyRanksAsTheMeshHasDevices) {
  const auto one = results("n150", {"--max_new_tokens", "6"});
  const auto two = results("n300", {"--max_new_tokens", "6"});
  const auto four = results("t3000", {"--max_new_tokens", "6", "--mesh", "2x2"});
  const auto eight = results("t3000", {"--max_new_tokens", "6"});
  EXPECT_EQ(one["ranks"], 1);
  EXPECT_EQ(two["ranks"], 2);
  EXPECT_EQ(four["ranks"], 4);
  EXPECT_EQ(eight["ranks"], 8);
  for (const auto& other : {two, four, eight}) {
    EXPECT_EQ(other["logits_sha256"], one["logits_sha256"]);
    EXPECT_EQ(other["ccl"], "shm");
  }
}

TEST_F(TtxLaunch, TheUsersTransportStays) {
  EXPECT_EQ(results("n300", {"--max_new_tokens", "2", "--ccl", "mpi"})["ccl"], "mpi");
}

TEST_F(TtxLaunch, ThreadsReachTheRanks) {
  Command command =
      launch(folder_, demo_eval("n300", {"--max_new_tokens", "2", "--json", folder_ / "results.json"}));
  command.environment.push_back("TTX_THREADS=2");
  EXPECT_EQ(run(command).exit_code, 0);
  std::ifstream stream(folder_ / "results.json");
  EXPECT_EQ(nlohmann::json::parse(stream)["threads"], 2);
  EXPECT_EQ(results("n300", {"--max_new_tokens", "2", "--threads", "3"})["threads"], 3);
  command.environment.back() = "TTX_THREADS=many";
  const CommandResult refused = run(command);
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("many"));
}

TEST_F(TtxLaunch, TheDryRunsLineCanBePasted) {
  auto arguments = demo_eval("n300", {"--max_new_tokens", "2", "--prompt", "it's two words"});
  arguments.erase(arguments.begin() + 4, arguments.begin() + 6);
  arguments.insert(arguments.begin(), {"--dry-run", "--mpi", "--tag-output", "--mpi", "-x 'A=b c'"});
  const CommandResult dry = launched(arguments);
  EXPECT_EQ(dry.exit_code, 0) << dry.err;
  EXPECT_EQ(dry.err, "");
  EXPECT_THAT(dry.out, testing::StartsWith("mpirun -np 2 --tag-output -x 'A=b c' "));
  EXPECT_THAT(dry.out, AllOf(HasSubstr(" " + shell_quoted(program("ttx-eval")) + " "),
                             testing::EndsWith(" --max_new_tokens 2 --prompt 'it'\\''s two words'\n")));
  Command pasted = launch(folder_, {});
  pasted.arguments = {"sh", "-c", dry.out};
  const CommandResult result = run(pasted);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("[1,0]<stdout>:Top-1 accuracy"));
}

TEST_F(TtxLaunch, TheProgramsExitCodesAndSentencesStay) {
  expect_sentence(launched(demo_eval("t3000", {"--no_such_flag"})), 2, "ttx-eval", {"--no_such_flag"});
  auto three = demo_eval("t3000");
  three.insert(three.begin(), {"--ranks", "3"});
  expect_sentence(launched(three), 3, "ttx-eval",
                  {"8 devices: got 3 ranks", "mpirun -np 8 ",
                   "ttx-launch " + program("ttx-eval") + " " + bring_up("t3000")});
  expect_sentence(launched({"ttx-eval", bring_up("n300"), "--model", "no-one/no-such-model"}), 4, "ttx-eval",
                  {"no-one/no-such-model"});
  expect_sentence(launched({"ttx-eval", bring_up("n300"), "--model", demo_checkpoint(), "--prompt", ""}), 5,
                  "ttx-eval", {"the prompt has no tokens"});
}

TEST_F(TtxLaunch, SessionFoldersNeedAPlace) {
  Command command = launch(folder_, demo_eval("n300", {"--max_new_tokens", "2"}));
  command.environment.push_back("TMPDIR=" + folder_.write("a_file", "").string());
  expect_sentence(run(command), 1, "ttx-launch", {"a_file, which is no folder", "set TMPDIR"});
  command.environment.back() = "TMPDIR=" + (folder_ / "not/yet/there").string();
  EXPECT_EQ(run(command).exit_code, 0);
}

TEST_F(TtxLaunch, ItsOwnRefusals) {
  expect_sentence(launched({}), 2, "ttx-launch", {"no program", "--help"});
  expect_sentence(launched({"--no-such-flag", "ttx-eval"}), 2, "ttx-launch", {"--no-such-flag"});
  expect_sentence(launched({"--ranks", "0", "ttx-eval"}), 2, "ttx-launch", {"--ranks"});
  expect_sentence(launched({"--ranks", "65", "ttx-eval"}), 2, "ttx-launch", {"--ranks"});
  expect_sentence(launched({"ttx-eval", "--model", demo_checkpoint()}), 2, "ttx-launch", {"how many ranks"});
  expect_sentence(launched({"--mpi", "-np 4", "ttx-eval", bring_up("n300")}), 2, "ttx-launch",
                  {"-np", "--ranks"});
  expect_sentence(launched({"--mpi", "--host 'a", "ttx-eval", bring_up("n300")}), 2, "ttx-launch",
                  {"not closed"});
  expect_sentence(launched({"ttx-synth", "--seed", "1"}), 2, "ttx-launch", {"ttx-synth is one process"});
  expect_sentence(launched({"--reset", "ttx-eval"}), 2, "ttx-launch", {"--reset stands alone"});
  expect_sentence(launched({"no-such-program"}), 1, "ttx-launch", {"no-such-program", "PATH"});
  expect_sentence(launched({"ttx-eval", "no/such/model.cpp"}), 1, "ttx-launch",
                  {"no such file", "no/such/model.cpp"});
}

TEST_F(TtxLaunch, HelpIsItsOwnOrTheProgramsOnce) {
  const CommandResult own = launched({"--help"});
  EXPECT_EQ(own.exit_code, 0);
  EXPECT_THAT(own.out, AllOf(HasSubstr("--dry-run"), HasSubstr("ttx-synth")));
  const CommandResult programs = launched({"ttx-eval", "--help"});
  EXPECT_EQ(programs.exit_code, 0);
  EXPECT_EQ(count(programs.out, "--prefill_decode"), 1U);
}

TEST_F(TtxLaunch, WithoutMpirunItSaysWhatToInstall) {
  Command two = launch(folder_, demo_eval("n300", {"--max_new_tokens", "2"}));
  two.environment.push_back("PATH=/nonexistent");
  expect_sentence(run(two), 1, "ttx-launch", {"no mpirun", "openmpi-bin"});
  Command one = launch(folder_, demo_eval("n150", {"--max_new_tokens", "2"}));
  one.environment.push_back("PATH=/nonexistent");
  EXPECT_EQ(run(one).exit_code, 0);  // needs none
}

TEST_F(TtxLaunch, WhatMpirunRefusesIsNotSwallowed) {
  auto arguments = demo_eval("n300");
  arguments.insert(arguments.begin(), {"--mpi", "--no-such-flag-of-mpirun"});
  const CommandResult flag = launched(arguments);
  EXPECT_EQ(flag.exit_code, 1);
  EXPECT_THAT(flag.err, AllOf(HasSubstr("no-such-flag-of-mpirun"),
                              HasSubstr("ttx-launch: error: [launch] mpirun did")));
  arguments[1] = "--host localhost:1 --nooversubscribe";
  const CommandResult slots = launched(arguments);
  EXPECT_EQ(slots.exit_code, 1);
  EXPECT_THAT(slots.err, AllOf(HasSubstr("not enough slots"), HasSubstr("mpirun -np 2 --host localhost:1")));
}

/// Two hosts on this machine: mpirun's way to a host is a script that changes the host's name.
TEST_F(TtxLaunch, HostsHoldNeighboursAndGetTheVariables) {
  if (run({.arguments = {"unshare", "--uts", "hostname", "a"}, .environment = {}, .folder = {}}).exit_code !=
      0) {
    GTEST_SKIP() << "SKIPPED: this user may not give a process another host name (unshare --uts)";
  }
  const auto script = [&](const std::string& name, const std::string& text) {
    const auto file = folder_.write(name, "#!/bin/sh\n" + text + "\n");
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
    return file.string();
  };
  const std::string way = script("way",
                                 "host=$1; shift; exec env -i \"PATH=$PATH\" \"ASAN_OPTIONS=$ASAN_OPTIONS\" "
                                 "unshare --uts sh -c \"hostname $host; exec $*\"");
  const std::string who =
      script("who", "echo \"rank $OMPI_COMM_WORLD_RANK on $(hostname) has $TTX_LOG $HF_HOME, $TTX_CCL.\"");
  const std::string words = "--host a:4,b:4 --mca plm_rsh_agent " + way;
  Command command = launch(folder_, {"--ranks", "8", "--mpi", words, who});
  command.environment.insert(command.environment.end(), {"TTX_LOG=error", "HF_HOME=/models"});
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  for (int rank = 0; rank < 8; ++rank) {
    EXPECT_THAT(result.out, HasSubstr("rank " + std::to_string(rank) + " on " + (rank < 4 ? "a" : "b") +
                                      " has error /models, .\n"));
  }
  EXPECT_EQ(results("t3000", {"--max_new_tokens", "2"}, {"--mpi", words})["ranks"], 8);
}

}  // namespace
}  // namespace ttx::test
