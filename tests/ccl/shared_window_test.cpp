// SPDX-License-Identifier: Apache-2.0
// The meetings of a window, with threads in the place of ranks: no MPI.
#include "ccl/shared_window.hpp"

#include <atomic>
#include <chrono>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace ttx::ccl {
namespace {

using namespace std::chrono_literals;

TEST(WindowLayout, StaysWithinItsBoundsAndOverlapsNowhere) {
  for (int ranks = 1; ranks <= 64; ++ranks) {
    const WindowLayout layout = WindowLayout::of(ranks);
    EXPECT_LE(layout.bytes(), WindowLayout::kMostBytes);
    EXPECT_LE(layout.slot_bytes, WindowLayout::kSlotBytes);
    EXPECT_GE(layout.slot_bytes, std::size_t{64} * 1024);
    EXPECT_EQ(layout.slot_bytes % WindowLayout::kPage, 0U);
    std::size_t end = WindowLayout::kPage;
    for (int rank = 0; rank < ranks; ++rank) {
      for (const std::size_t parity : {0U, 1U}) {
        EXPECT_EQ(layout.slot_offset(parity, rank), end);
        end += layout.slot_bytes;
      }
    }
    EXPECT_EQ(layout.result_offset(0), end);
    EXPECT_EQ(layout.result_offset(1), end + layout.result_bytes);
    EXPECT_EQ(layout.bytes(), end + 2 * layout.result_bytes);
    EXPECT_EQ(layout.result_bytes * 2, layout.slot_bytes);
  }
}

/// Runs body(window) on as many threads as ranks, each with a window over the same memory.
template <typename Body>
void with_ranks(int ranks, std::function<void()> idle, Body body) {
  const WindowLayout layout = WindowLayout::of(ranks);
  constexpr std::align_val_t kAlignment{WindowLayout::kPage};
  const auto free = [](std::byte* bytes) { ::operator delete[](bytes, kAlignment); };
  const std::unique_ptr<std::byte[], decltype(free)> memory(
      static_cast<std::byte*>(::operator new[](layout.bytes(), kAlignment)), free);
  SharedWindow::prepare(memory.get());
  std::vector<std::thread> threads;
  for (int rank = 0; rank < ranks; ++rank) {
    threads.emplace_back([&, rank] {
      SharedWindow window(memory.get(), layout, rank, idle);
      body(window);
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

class Ranks : public testing::TestWithParam<int> {};

TEST_P(Ranks, SeeWhatAllWroteAndAreNeverOvertaken) {
  constexpr int kMeetings = 3000;
  std::atomic<int> wrong = 0;
  with_ranks(
      GetParam(), [] {},
      [&](SharedWindow& window) {
        for (int meeting = 0; meeting < kMeetings; ++meeting) {
          window.next();
          const int own = meeting * 100 + window.rank();
          std::memcpy(window.slot(window.rank()), &own, sizeof own);
          window.meet();
          for (int rank = 0; rank < window.layout().ranks; ++rank) {
            int seen = -1;
            std::memcpy(&seen, window.slot(rank), sizeof seen);
            wrong += seen == meeting * 100 + rank ? 0 : 1;
          }
        }
      });
  EXPECT_EQ(wrong, 0);
}

TEST_P(Ranks, ShareTasksOnceEach) {
  constexpr int kMeetings = 2000;
  std::atomic<int> wrong = 0;
  std::atomic<int> done = 0;
  int expected = 0;
  for (int meeting = 0; meeting < kMeetings; ++meeting) {
    expected += meeting % 8;
  }
  with_ranks(
      GetParam(), [] {},
      [&](SharedWindow& window) {
        for (int meeting = 0; meeting < kMeetings; ++meeting) {
          const int tasks = meeting % 8;
          window.next();
          std::memcpy(window.slot(window.rank()), &meeting, sizeof meeting);
          window.share(tasks, [&](int task) {
            int sum = 0;
            for (int rank = 0; rank < window.layout().ranks; ++rank) {
              int seen = -1;
              std::memcpy(&seen, window.slot(rank), sizeof seen);
              sum += seen;
            }
            std::memcpy(window.result() + task * static_cast<int>(sizeof sum), &sum, sizeof sum);
            ++done;
          });
          for (int task = 0; task < tasks; ++task) {
            int sum = -1;
            std::memcpy(&sum, window.result() + task * static_cast<int>(sizeof sum), sizeof sum);
            wrong += sum == meeting * window.layout().ranks ? 0 : 1;
          }
        }
      });
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(done, expected);
}

INSTANTIATE_TEST_SUITE_P(Counts, Ranks, testing::Values(1, 2, 3, 4, 6, 8));

TEST(LongWait, SleepsCallsIdleAndWakesSoon) {
  std::atomic<int> idles = 0;
  std::atomic<std::int64_t> late_us = 0;
  std::chrono::steady_clock::time_point came;
  with_ranks(
      3, [&] { ++idles; },
      [&](SharedWindow& window) {
        for (const int tasks : {0, 1, 5}) {
          window.next();
          if (window.rank() == 0) {
            std::this_thread::sleep_for(300ms);
            came = std::chrono::steady_clock::now();
          }
          window.share(tasks, [](int) {});
          const auto late = std::chrono::steady_clock::now() - came;
          late_us =
              std::max(late_us.load(), std::chrono::duration_cast<std::chrono::microseconds>(late).count());
          // Nobody sets `came` anew before all have read it.
          window.next();
          window.meet();
        }
      });
  EXPECT_GE(idles, 3);            // three waits of 300 ms, each with a look every 20 ms or less often
  EXPECT_LE(idles, 200);          // but not a spin: two sleepers, 900 ms
  EXPECT_LT(late_us, 5'000'000);  // woken, in the worst case by the end of a sleep
}

}  // namespace
}  // namespace ttx::ccl
