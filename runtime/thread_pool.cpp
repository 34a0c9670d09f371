// SPDX-License-Identifier: Apache-2.0
#include "runtime/thread_pool.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <exception>
#include <sched.h>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/error.hpp"

namespace ttx {

namespace {

using Clock = std::chrono::steady_clock;
using Body = std::function<void(std::int64_t, std::int64_t)>;

// Ops follow each other within microseconds, a sleeping thread needs tens of them to come back. So a waiting
// thread first yields for a short while (others that want the core get it) and then sleeps.
constexpr std::chrono::microseconds kYieldFor{30};

/// Returns the first value other than `old`.
int wait_for_change(const std::atomic<int>& value, int old) {
  const auto give_up = Clock::now() + kYieldFor;
  for (;;) {
    if (const int now = value.load(std::memory_order_acquire); now != old) {
      return now;
    }
    if (Clock::now() >= give_up) {
      break;
    }
    sched_yield();
  }
  value.wait(old, std::memory_order_acquire);
  return value.load(std::memory_order_acquire);
}

}  // namespace

struct ThreadPool::State {
  int size = 1;
  std::atomic<bool> running{false};

  // The job; written by the caller before `round` changes, read by workers after.
  const Body* body = nullptr;
  std::int64_t count = 0;
  std::int64_t grain = 1;
  std::int64_t parts = 0;
  std::vector<std::exception_ptr> failures;  // one place per part

  alignas(64) std::atomic<int> round{0};
  alignas(64) std::atomic<int> left{0};
  std::atomic<bool> stop{false};
  std::vector<std::thread> workers;

  void run_part(std::int64_t part) {
    const std::int64_t units = (count + grain - 1) / grain;
    const std::int64_t begin = part * units / parts * grain;
    const std::int64_t end = std::min(count, (part + 1) * units / parts * grain);
    try {
      (*body)(begin, end);
    } catch (...) {
      failures[static_cast<std::size_t>(part)] = std::current_exception();
    }
  }

  void work(int index) {
    int seen = 0;
    for (;;) {
      seen = wait_for_change(round, seen);
      if (stop.load(std::memory_order_relaxed)) {
        return;
      }
      if (index < parts) {
        run_part(index);
      }
      if (left.fetch_sub(1, std::memory_order_acq_rel) == 1) {
        left.notify_one();
      }
    }
  }

  void start_round() {
    round.fetch_add(1, std::memory_order_release);
    round.notify_all();
  }

  void join_all() {
    stop.store(true, std::memory_order_relaxed);
    start_round();
    for (std::thread& worker : workers) {
      worker.join();
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>()) {
  TTX_CHECK(threads >= 1 && threads <= 1024, "thread_pool", "threads: got {}, expected 1 to 1024", threads);
  state_->size = threads;
  state_->failures.resize(static_cast<std::size_t>(threads));
  try {
    for (int i = 1; i < threads; ++i) {
      state_->workers.emplace_back([state = state_.get(), i] { state->work(i); });
    }
  } catch (const std::system_error& error) {
    state_->join_all();
    TTX_FAIL("thread_pool", "cannot start {} threads: {}; use fewer threads", threads, error.what());
  }
}

ThreadPool::~ThreadPool() { state_->join_all(); }

int ThreadPool::size() const { return state_->size; }

void ThreadPool::parallel_for(std::int64_t count, std::int64_t grain, const Body& body) {
  State& state = *state_;
  TTX_CHECK(count >= 0 && grain >= 1, "thread_pool", "bad range: got count {} and grain {}", count, grain);
  if (count == 0) {
    return;
  }
  const std::int64_t units = (count + grain - 1) / grain;
  const std::int64_t parts = std::min<std::int64_t>(state.size, units);
  TTX_CHECK(!state.running.exchange(true), "thread_pool",
            "parallel_for inside parallel_for, or from two threads at once; a device is used by one thread "
            "at a time");
  struct Done {
    std::atomic<bool>& running;
    ~Done() { running.store(false); }
  } const done{state.running};
  if (parts == 1) {
    body(0, count);
    return;
  }
  state.body = &body;
  state.count = count;
  state.grain = grain;
  state.parts = parts;
  state.left.store(state.size - 1, std::memory_order_relaxed);
  state.start_round();
  state.run_part(0);
  for (int left = state.left.load(std::memory_order_acquire); left != 0;) {
    left = wait_for_change(state.left, left);
  }
  std::exception_ptr first;
  for (std::exception_ptr& failure : state.failures) {
    if (failure && !first) {
      first = failure;
    }
    failure = nullptr;
  }
  if (first) {
    std::rethrow_exception(first);
  }
}

}  // namespace ttx
