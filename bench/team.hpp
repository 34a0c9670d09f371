// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>

namespace ttx::bench {

/// A barrier for a few threads that are nearly always there already: spins, yielding the core.
class Barrier {
 public:
  explicit Barrier(int threads) : threads_(threads) {}
  void wait();

 private:
  int threads_;
  std::atomic<int> arrived_{0};
  std::atomic<int> generation_{0};
};

/// Calls work(thread) on `threads` threads at once, thread i pinned to the i-th core this process may use
/// when `pin`. The first thread is the caller's own. Returns seconds from the first start to the last end.
double run_team(int threads, bool pin, const std::function<void(int)>& work);

}  // namespace ttx::bench
