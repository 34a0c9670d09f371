// SPDX-License-Identifier: Apache-2.0
//
// How ttx-run-eval ends before its time, and that it leaves nothing.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <future>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/run_eval_command.hpp"
#include "tests/support/processes.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;

class TtxRunEvalEnd : public testing::Test {
 protected:
  // A shell starts what is in the background with SIGINT ignored, and that is inherited.
  void SetUp() override { interrupt_ = std::signal(SIGINT, SIG_DFL); }
  void TearDown() override { std::signal(SIGINT, interrupt_); }

  /// Thousands of evaluations, one after the other.
  std::future<CommandResult> long_job(const std::string& mode) {
    Command command = run_eval(folder_, demo_run_eval(mode, {"--system", "t3000", "--prefill-len-range",
                                                             "900:9000", "--decode-len", "9"}));
    command.environment.push_back(marker_);
    return std::async(std::launch::async, [command] { return run(command); });
  }
  bool has_temporary_folder() const {
    const fs::directory_iterator entries(folder_.path());
    return std::any_of(begin(entries), end(entries), [](const fs::directory_entry& entry) {
      return entry.path().filename().string().starts_with("ttx-run-eval-");
    });
  }

  TempDir folder_;
  const std::string marker_ = "TTX_TEST_MARKER=" + folder_.path().string();

 private:
  void (*interrupt_)(int) = SIG_DFL;
};

TEST_F(TtxRunEvalEnd, ASignalEndsTheRanksAndRemovesTheTemporaryFolder) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    SCOPED_TRACE(signal);
    auto job = long_job("tt");
    EXPECT_EQ(wait_for_processes(8, "ttx-eval", {marker_}).size(), 8U);
    EXPECT_TRUE(has_temporary_folder());
    const auto programs = wait_for_processes(1, "ttx-run-eval", {marker_});
    EXPECT_EQ(programs.size(), 1U);
    if (programs.size() == 1) {
      kill(programs.front(), signal);
    }
    const CommandResult result = job.get();
    EXPECT_FALSE(result.timed_out);
    EXPECT_EQ(result.exit_code, 128 + signal);
    EXPECT_EQ(count(result.out, "\n"), count(result.out, "YT_METRICS={"));
    EXPECT_EQ(result.err, "");
    EXPECT_FALSE(has_temporary_folder());
    for (const char* const name : {"ttx-eval", "mpirun", "ttx-launch", "ttx-run-eval"}) {
      EXPECT_THAT(wait_for_processes(0, name, {marker_}), testing::IsEmpty()) << name;
    }
  }
}

TEST_F(TtxRunEvalEnd, TheReferenceEndsToo) {
  auto job = long_job("hf");
  const auto programs = wait_for_processes(1, "ttx-run-eval", {marker_});
  EXPECT_EQ(programs.size(), 1U);
  if (programs.size() == 1) {
    kill(programs.front(), SIGTERM);
  }
  EXPECT_EQ(job.get().exit_code, 128 + SIGTERM);
}

}  // namespace
}  // namespace ttx::test
