// SPDX-License-Identifier: Apache-2.0
#include "ccl/waiting.hpp"

#include <chrono>
#include <climits>
#include <ctime>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace ttx::ccl {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kYieldFor{2};
constexpr timespec kLongestSleep{0, 20'000'000};

// Not std::atomic::wait: that is for threads of one process.
void sleep_while(SharedWord& word, std::uint32_t seen) {
  syscall(SYS_futex, &word.value, FUTEX_WAIT, seen, &kLongestSleep, nullptr, 0);
}

void wake_all(SharedWord& word) { syscall(SYS_futex, &word.value, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0); }

}  // namespace

void publish(SharedWord& word, std::uint32_t value, SharedWord& sleepers) {
  // Sequentially consistent, as the two in wait_for: either this sees the sleeper, or that one the value.
  word.value.store(value, std::memory_order_seq_cst);
  if (sleepers.value.load(std::memory_order_seq_cst) != 0) {
    wake_all(word);
  }
}

void wait_for(SharedWord& word, std::uint32_t value, SharedWord& sleepers,
              const std::function<void()>& idle) {
  if (word.value.load(std::memory_order_acquire) == value) {
    return;
  }
  const auto give_up = Clock::now() + kYieldFor;
  do {
    sched_yield();
    if (word.value.load(std::memory_order_acquire) == value) {
      return;
    }
  } while (Clock::now() < give_up);
  for (;;) {
    sleepers.value.fetch_add(1, std::memory_order_seq_cst);
    const std::uint32_t seen = word.value.load(std::memory_order_seq_cst);
    if (seen != value) {
      sleep_while(word, seen);
    }
    sleepers.value.fetch_sub(1, std::memory_order_relaxed);
    if (word.value.load(std::memory_order_acquire) == value) {
      return;
    }
    idle();
  }
}

}  // namespace ttx::ccl
