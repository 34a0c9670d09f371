// SPDX-License-Identifier: Apache-2.0
#include "launch/launch_outcome.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/error.hpp"

namespace ttx::launch {
namespace {

using testing::AllOf;
using testing::HasSubstr;

LaunchOutcome job(ChildEnd end, const MpirunBanners::Seen& seen = {}) {
  return outcome_of_job(end, seen, "mpirun -np 8 x");
}

TEST(LaunchOutcome, TheProgramsCodesStay) {
  for (int code = 0; code <= 5; ++code) {
    MpirunBanners::Seen seen;
    seen.ranks_ran = code != 0;
    const LaunchOutcome outcome = job({.exit_code = code}, seen);
    EXPECT_EQ(outcome.exit_code, code);
    EXPECT_EQ(outcome.sentence, "");
    EXPECT_EQ(outcome_of_program({.exit_code = code}, "ttx-eval").exit_code, code);
  }
}

TEST(LaunchOutcome, AKilledRankIsNamed) {
  MpirunBanners::Seen seen;
  seen.ranks_ran = true;
  seen.killed = {.rank = 5, .host = "vm", .signal = SIGKILL};
  const LaunchOutcome outcome = job({.exit_code = 137}, seen);
  EXPECT_EQ(outcome.exit_code, static_cast<int>(ExitCode::kKilled));
  EXPECT_THAT(outcome.sentence, AllOf(HasSubstr("rank 5 on vm"), HasSubstr("signal 9"), HasSubstr("memory")));
  // Without the note that names it.
  EXPECT_EQ(job({.exit_code = 139}).exit_code, static_cast<int>(ExitCode::kKilled));
  EXPECT_THAT(job({.exit_code = 139}).sentence, HasSubstr("signal 11"));
}

TEST(LaunchOutcome, AKilledMpirunOrProgram) {
  EXPECT_EQ(job({.signal = SIGKILL}).exit_code, static_cast<int>(ExitCode::kKilled));
  EXPECT_THAT(job({.signal = SIGKILL}).sentence, AllOf(HasSubstr("mpirun was killed"), HasSubstr("--reset")));
  const LaunchOutcome alone = outcome_of_program({.signal = SIGSEGV}, "ttx-eval");
  EXPECT_EQ(alone.exit_code, static_cast<int>(ExitCode::kKilled));
  EXPECT_THAT(alone.sentence, HasSubstr("ttx-eval was killed by signal 11"));
}

TEST(LaunchOutcome, OfASignalToTtxLaunch) {
  EXPECT_EQ(job({.exit_code = 1, .passed_on = SIGINT}).exit_code, 130);
  EXPECT_EQ(job({.exit_code = 1, .passed_on = SIGTERM}).exit_code, 143);
  EXPECT_EQ(outcome_of_program({.signal = SIGINT, .passed_on = SIGINT}, "x").exit_code, 130);
  EXPECT_EQ(job({.exit_code = 0, .passed_on = SIGINT}).exit_code, 0);  // it had ended already
}

TEST(LaunchOutcome, AnMpirunThatDoesNotStart) {
  MpirunBanners::Seen seen;
  seen.other_notes = true;
  for (const int code : {1, 132, 255}) {
    const LaunchOutcome outcome = job({.exit_code = code}, seen);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_THAT(outcome.sentence, AllOf(HasSubstr("above"), HasSubstr("mpirun -np 8 x")));
  }
}

}  // namespace
}  // namespace ttx::launch
