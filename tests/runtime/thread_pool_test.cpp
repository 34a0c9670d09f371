// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <ctime>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using Ranges = std::vector<std::pair<std::int64_t, std::int64_t>>;

Ranges cut(ThreadPool& pool, std::int64_t count, std::int64_t grain) {
  Ranges ranges;
  std::mutex mutex;
  pool.parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    ranges.emplace_back(begin, end);
  });
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

TEST(ThreadPool, CutsIntoConsecutiveRangesOfWholeGrains) {
  for (const int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.size(), threads);
    for (const std::int64_t count : {0, 1, 2, 3, 31, 32, 33, 100, 1000}) {
      for (const std::int64_t grain : {1, 3, 32, 5000}) {
        const Ranges ranges = cut(pool, count, grain);
        const std::int64_t units = (count + grain - 1) / grain;
        ASSERT_EQ(static_cast<std::int64_t>(ranges.size()), std::min<std::int64_t>(threads, units));
        std::int64_t next = 0;
        std::int64_t fewest = units;
        std::int64_t most = 0;
        for (const auto& [begin, end] : ranges) {
          ASSERT_EQ(begin, next);
          ASSERT_EQ(begin % grain, 0);
          const std::int64_t taken = (end - begin + grain - 1) / grain;
          fewest = std::min(fewest, taken);
          most = std::max(most, taken);
          next = end;
        }
        ASSERT_EQ(next, count);
        ASSERT_LE(most - fewest, 1);
        ASSERT_EQ(ranges, cut(pool, count, grain)) << "the cut must not depend on chance";
      }
    }
  }
}

TEST(ThreadPool, RunsManyRounds) {
  ThreadPool pool(3);
  std::vector<std::int64_t> sums(300);
  for (int round = 0; round < 2000; ++round) {
    pool.parallel_for(300, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        sums[static_cast<std::size_t>(i)] += 1;
      }
    });
  }
  EXPECT_TRUE(std::all_of(sums.begin(), sums.end(), [](std::int64_t sum) { return sum == 2000; }));
}

TEST(ThreadPool, WakesAfterSleeping) {
  ThreadPool pool(2);
  for (int i = 0; i < 20; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    EXPECT_EQ(cut(pool, 2, 1).size(), 2U);
  }
}

TEST(ThreadPool, SleepsWhenIdle) {
  ThreadPool pool(8);
  EXPECT_EQ(cut(pool, 8, 1).size(), 8U);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  const std::clock_t before = std::clock();
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  const double used = static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC;
  EXPECT_LT(used, 0.03) << "idle threads used processor time";
}

TEST(ThreadPool, RethrowsTheFirstRangesException) {
  ThreadPool pool(3);
  for (int round = 0; round < 50; ++round) {
    try {
      pool.parallel_for(3, 1, [](std::int64_t begin, std::int64_t) {
        if (begin >= 1) {
          throw std::runtime_error(std::to_string(begin));
        }
      });
      FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "1");
    }
    EXPECT_EQ(cut(pool, 30, 1).size(), 3U) << "the pool must stay usable";
  }
}

TEST(ThreadPool, RefusesBadUse) {
  test::expect_error(ExitCode::kFailure, {"[thread_pool]", "got 0", "1 to 1024"}, [] { ThreadPool pool(0); });
  test::expect_error(ExitCode::kFailure, {"got 1025"}, [] { ThreadPool pool(1025); });
  ThreadPool pool(2);
  test::expect_error(ExitCode::kFailure, {"parallel_for inside parallel_for"}, [&] {
    pool.parallel_for(2, 1, [&](std::int64_t, std::int64_t) {
      pool.parallel_for(2, 1, [](std::int64_t, std::int64_t) {});
    });
  });
  test::expect_error(ExitCode::kFailure, {"bad range", "grain 0"},
                     [&] { pool.parallel_for(2, 0, [](std::int64_t, std::int64_t) {}); });
  EXPECT_EQ(cut(pool, 2, 1).size(), 2U);
}

}  // namespace
}  // namespace ttx
