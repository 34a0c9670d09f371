// SPDX-License-Identifier: Apache-2.0
// Tests that fail on purpose; programs_test.cpp checks that mpi_main.cpp notices.
#include <stdexcept>

#include <gtest/gtest.h>

#include "tests/ccl/mpi_world.hpp"

namespace {

using ttx::test::world;

TEST(Failing, Nowhere) { world().barrier(); }

TEST(Failing, OnTheLastRankOnly) {
  EXPECT_NE(world().rank(), world().size() - 1) << "as planned";
  world().barrier();
}

TEST(Failing, OnTheLastRankWhileTheOthersWait) {
  ASSERT_NE(world().rank(), world().size() - 1) << "as planned";
  world().barrier();
}

TEST(Failing, ByAnExceptionWhileTheOthersWait) {
  if (world().rank() == world().size() - 1) {
    throw std::runtime_error("thrown as planned");
  }
  world().barrier();
}

}  // namespace
