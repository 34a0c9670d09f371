// SPDX-License-Identifier: Apache-2.0
#include "models/reference/host_cores.hpp"

#include <sched.h>

#include <gtest/gtest.h>

namespace ttx::reference {
namespace {

cpu_set_t binding() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  EXPECT_EQ(::sched_getaffinity(0, sizeof(cores), &cores), 0);
  return cores;
}

TEST(HostCores, TakesAllCoresAndRestoresTheBinding) {
  const cpu_set_t before = binding();
  if (CPU_COUNT(&before) < 2) {
    GTEST_SKIP() << "this process may use one core only";
  }
  // As mpirun binds a rank: to the last core that it may use.
  std::size_t last = 0;
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &before)) {
      last = core;
    }
  }
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(last, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  {
    const HostCores cores;
    const cpu_set_t during = binding();
    EXPECT_GE(CPU_COUNT(&during), CPU_COUNT(&before));
    EXPECT_GE(cores.count(), 1);
    EXPECT_LE(cores.count(), CPU_COUNT(&during));
  }
  const cpu_set_t after = binding();
  EXPECT_TRUE(CPU_EQUAL(&after, &one));
  ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
}

TEST(HostCores, ControlGroupQuota) {
  EXPECT_EQ(granted_cores("200000 100000"), 2);
  EXPECT_EQ(granted_cores("150000 100000\n"), 2);
  EXPECT_EQ(granted_cores("50000 100000"), 1);
  EXPECT_EQ(granted_cores("max 100000"), 0);
  EXPECT_EQ(granted_cores(""), 0);
  EXPECT_EQ(granted_cores("100000 0"), 0);
  EXPECT_EQ(granted_cores("-5 100000"), 0);
  EXPECT_EQ(granted_cores("9000000000000000000 1"), 1024);
}

}  // namespace
}  // namespace ttx::reference
