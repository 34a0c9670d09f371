// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ccl/environment.hpp"

namespace ttx::ccl {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(MpirunCommand, OneRankFitsEveryMachine) {
  EXPECT_THAT(mpirun_command(1), StartsWith("mpirun -np 1"));
  EXPECT_THAT(mpirun_command(1), Not(HasSubstr("--oversubscribe")));
}

TEST(MpirunCommand, MoreRanksThanCoresOversubscribe) {
  EXPECT_THAT(mpirun_command(CPU_SETSIZE + 1), HasSubstr(" --oversubscribe"));
}

TEST(MpirunCommand, CountsTheCoresItMayUse) {
  cpu_set_t before;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  unsigned first = 0;
  while (!CPU_ISSET(first, &before)) {
    ++first;
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  const std::string command = mpirun_command(2);
  ASSERT_EQ(sched_setaffinity(0, sizeof before, &before), 0);
  EXPECT_THAT(command, HasSubstr(" --oversubscribe"));
}

TEST(MpirunCommand, RootNeedsItsFlag) {
  const bool is_root = geteuid() == 0;
  EXPECT_EQ(mpirun_command(2).find("--allow-run-as-root") != std::string::npos, is_root);
}

}  // namespace
}  // namespace ttx::ccl
