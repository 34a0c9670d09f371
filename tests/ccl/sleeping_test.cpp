// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdint>
#include <sys/resource.h>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ccl/agreement.hpp"
#include "ccl/communicator.hpp"
#include "tests/ccl/mpi_world.hpp"

namespace ttx::ccl {
namespace {

using test::world;
using namespace std::chrono_literals;

constexpr auto kWait = 500ms;
constexpr double kMostCpuSeconds = 0.1;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + 1e-6 * static_cast<double>(t.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

TEST(Sleeping, MaxIsTheLargestOverAllRanks) {
  EXPECT_EQ(world().sleeping_max(-world().rank()), 0);
  EXPECT_EQ(world().sleeping_max(std::int64_t{1} << 40 | world().rank()),
            std::int64_t{1} << 40 | (world().size() - 1));
}

TEST(Sleeping, BroadcastBringsLengthAndBytes) {
  for (const std::size_t length : {std::size_t{0}, std::size_t{1}, std::size_t{3 << 20}}) {
    for (int root = 0; root < world().size(); ++root) {
      std::vector<std::byte> bytes(world().rank() == root ? length : 17,
                                   static_cast<std::byte>(world().rank()));
      world().sleeping_broadcast(bytes, root);
      EXPECT_EQ(bytes, std::vector<std::byte>(length, static_cast<std::byte>(root)));
    }
  }
}

TEST(Sleeping, WaitingBurnsNoCpu) {
  world().barrier();
  const double before = cpu_seconds();
  std::vector<std::byte> bytes(1);
  if (world().rank() == 0) {
    std::this_thread::sleep_for(kWait);
  }
  world().sleeping_broadcast(bytes, 0);
  EXPECT_LT(cpu_seconds() - before, kMostCpuSeconds) << "sleeping_broadcast";

  const double between = cpu_seconds();
  on_root(world(), [] { std::this_thread::sleep_for(kWait); });
  EXPECT_LT(cpu_seconds() - between, kMostCpuSeconds) << "on_root";
}

TEST(Sleeping, EndsSoonAfterTheLastArrives) {
  const auto before = std::chrono::steady_clock::now();
  on_root(world(), [] { std::this_thread::sleep_for(50ms); });
  const auto taken = std::chrono::steady_clock::now() - before;
  EXPECT_GE(taken, 45ms);
  EXPECT_LT(taken, 5s);
}

}  // namespace
}  // namespace ttx::ccl
