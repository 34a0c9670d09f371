// SPDX-License-Identifier: Apache-2.0
#include "ccl/agreement.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "runtime/error.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

using test::world;

/// Runs `body`, which must throw PeerFailed with this code.
template <typename Body>
void expect_peer_failed(ExitCode code, Body body) {
  try {
    body();
    ADD_FAILURE() << "rank " << world().rank() << " heard of no failure";
  } catch (const PeerFailed& failed) {
    EXPECT_EQ(failed.exit_code(), static_cast<int>(code));
  }
}

TEST(OnRoot, RunsOnRankZeroOnly) {
  int runs = 0;
  on_root(world(), [&] { ++runs; });
  EXPECT_EQ(runs, world().rank() == 0 ? 1 : 0);
}

TEST(OnRoot, RootRethrowsAndTheOthersHearTheExitCode) {
  const auto work = [] { on_root(world(), [] { throw Error("[x] gone", ExitCode::kCheckpoint); }); };
  if (world().rank() == 0) {
    test::expect_error(ExitCode::kCheckpoint, {"[x] gone"}, work);
  } else {
    expect_peer_failed(ExitCode::kCheckpoint, work);
  }
  world().barrier();
}

TEST(OnRoot, OtherExceptionsAreFailuresToo) {
  const auto standard = [] { on_root(world(), [] { throw std::bad_alloc(); }); };
  const auto odd = [] { on_root(world(), [] { throw 42; }); };
  if (world().rank() == 0) {
    EXPECT_THROW(standard(), std::bad_alloc);
    EXPECT_THROW(odd(), int);
  } else {
    expect_peer_failed(ExitCode::kFailure, standard);
    expect_peer_failed(ExitCode::kFailure, odd);
  }
}

TEST(OnRoot, AnErrorWithoutACodeIsStillAFailure) {
  const auto work = [] { on_root(world(), [] { throw Error("[x] odd", ExitCode::kOk); }); };
  if (world().rank() == 0) {
    EXPECT_THROW(work(), Error);
  } else {
    expect_peer_failed(ExitCode::kFailure, work);
  }
}

TEST(Everywhere, RunsOnEveryRank) {
  int runs = 0;
  everywhere(world(), [&] { ++runs; });
  EXPECT_EQ(runs, 1);
}

TEST(Everywhere, OneFailingRankIsHeardByAll) {
  for (int failing = 0; failing < world().size(); ++failing) {
    const auto work = [&] {
      everywhere(world(), [&] {
        if (world().rank() == failing) {
          TTX_FAIL_AS(ExitCode::kLength, "x", "rank {} is unwell", failing);
        }
      });
    };
    if (world().rank() == failing) {
      test::expect_error(ExitCode::kLength, {"[x]", std::to_string(failing)}, work);
    } else {
      expect_peer_failed(ExitCode::kLength, work);
    }
  }
}

TEST(Everywhere, TheLowestFailingRankSpeaks) {
  // All but rank 0 fail, each with another code; with one rank, that one.
  const int lowest = std::min(1, world().size() - 1);
  const auto work = [&] {
    everywhere(world(), [&] {
      if (world().rank() >= lowest) {
        throw Error("[x] mine", world().rank() == lowest ? ExitCode::kMesh : ExitCode::kUsage);
      }
    });
  };
  if (world().rank() == lowest) {
    test::expect_error(ExitCode::kMesh, {"[x] mine"}, work);
  } else {
    expect_peer_failed(ExitCode::kMesh, work);
  }
  world().barrier();
}

}  // namespace
}  // namespace ttx::ccl
