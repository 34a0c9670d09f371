// SPDX-License-Identifier: Apache-2.0
//
// How a job under ttx-launch ends before its time, and what it leaves.
#include <csignal>
#include <filesystem>
#include <future>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/launch_command.hpp"
#include "tests/support/processes.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

class TtxLaunchEnd : public testing::Test {
 protected:
  // A shell starts what is in the background with SIGINT ignored, and that is inherited.
  void SetUp() override { interrupt_ = std::signal(SIGINT, SIG_DFL); }
  void TearDown() override { std::signal(SIGINT, interrupt_); }

  /// Starts a job that takes long; its processes can be told by `marker_`.
  std::future<CommandResult> long_job(const std::string& system) {
    Command command =
        launch(folder_, demo_eval(system, {"--min_new_tokens", "1800", "--max_new_tokens", "1800"}));
    command.environment.push_back(marker_);
    return std::async(std::launch::async, [command] { return run(command); });
  }
  pid_t only(const std::string& name) {
    const auto found = wait_for_processes(1, name, {marker_});
    EXPECT_EQ(found.size(), 1U) << name;
    return found.size() == 1 ? found.front() : 0;
  }
  pid_t rank(int number) {
    const auto found =
        wait_for_processes(1, "ttx-eval", {marker_, "OMPI_COMM_WORLD_RANK=" + std::to_string(number)});
    EXPECT_EQ(found.size(), 1U) << "rank " << number;
    return found.size() == 1 ? found.front() : 0;
  }
  /// A process id of 0 would be this whole process group.
  static void send(pid_t process, int signal) {
    if (process > 0) {
      kill(process, signal);
    }
  }
  void expect_nobody_left() {
    for (const char* name : {"ttx-eval", "mpirun", "ttx-launch"}) {
      EXPECT_THAT(wait_for_processes(0, name, {marker_}), testing::IsEmpty()) << name;
    }
  }
  CommandResult reset() { return run(launch(folder_, {"--reset"})); }

  TempDir folder_;
  const std::string marker_ = "TTX_TEST_MARKER=" + folder_.path().string();

 private:
  void (*interrupt_)(int) = SIG_DFL;
};

TEST_F(TtxLaunchEnd, AKilledRankIsSix) {
  for (const int signal : {SIGKILL, SIGSEGV}) {
    auto job = long_job("t3000");
    send(rank(5), signal);
    const CommandResult result = job.get();
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, 6);
    // mpirun names the rank unless it had hardly begun.
    EXPECT_THAT(result.err, testing::ContainsRegex(
                                "^ttx-launch: error: \\[launch\\] (rank 5 on [^ ]+|a rank) was killed by "
                                "signal " +
                                std::to_string(signal) + " "));
    EXPECT_EQ(count(result.err, "\n"), 1U) << result.err;
    expect_nobody_left();
  }
}

TEST_F(TtxLaunchEnd, AKilledProgramOfOneDeviceIsSix) {
  auto job = long_job("n150");
  send(only("ttx-eval"), SIGKILL);
  const CommandResult result = job.get();
  EXPECT_EQ(result.exit_code, 6);
  EXPECT_THAT(result.err, HasSubstr("ttx-launch: error: [launch] ttx-eval was killed by signal 9"));
}

TEST_F(TtxLaunchEnd, SignalsArePassedOn) {
  for (const char* system : {"n300", "n150"}) {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
      auto job = long_job(system);
      wait_for_processes(std::string(system) == "n300" ? 2 : 1, "ttx-eval", {marker_});
      send(only("ttx-launch"), signal);
      const CommandResult result = job.get();
      EXPECT_FALSE(result.timed_out);
      EXPECT_EQ(result.exit_code, 128 + signal) << result.err;
      EXPECT_EQ(result.err, "");
      expect_nobody_left();
    }
  }
}

TEST_F(TtxLaunchEnd, AKilledTtxLaunchTakesAllAlong) {
  for (const char* system : {"t3000", "n150"}) {
    auto job = long_job(system);
    wait_for_processes(std::string(system) == "t3000" ? 8 : 1, "ttx-eval", {marker_});
    send(only("ttx-launch"), SIGKILL);
    EXPECT_EQ(job.get().exit_code, 137);
    expect_nobody_left();
  }
}

TEST_F(TtxLaunchEnd, ResetSparesARunningJobAndRemovesAKilledOnes) {
  auto job = long_job("n300");
  wait_for_processes(2, "ttx-eval", {marker_});
  const pid_t mpirun = only("mpirun");
  fs::path session;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path())) {
    if (entry.path().filename() == "pid." + std::to_string(mpirun)) {
      session = entry.path();
    }
  }
  ASSERT_FALSE(session.empty());
  const CommandResult during = reset();
  EXPECT_EQ(during.exit_code, 0) << during.err;
  EXPECT_THAT(during.out, HasSubstr("Kept " + session.string() + ": process "));
  EXPECT_TRUE(fs::exists(session));
  EXPECT_EQ(wait_for_processes(2, "ttx-eval", {marker_}).size(), 2U);

  send(mpirun, SIGKILL);
  const CommandResult killed = job.get();
  EXPECT_EQ(killed.exit_code, 6);
  EXPECT_THAT(killed.err, AllOf(HasSubstr("mpirun was killed"), HasSubstr("--reset")));
  expect_nobody_left();
  EXPECT_TRUE(fs::exists(session));
  const std::string tokens =
      folder_.write("cache/reference/" + std::string(64, '0') + ".tokens", "of a test").string();
  const CommandResult after = reset();
  EXPECT_EQ(after.exit_code, 0) << after.err;
  EXPECT_THAT(after.out, AllOf(HasSubstr("Removed " + session.string()), HasSubstr("Removed " + tokens)));
  EXPECT_FALSE(fs::exists(session.parent_path()));
  EXPECT_FALSE(fs::exists(tokens));
}

}  // namespace
}  // namespace ttx::test
