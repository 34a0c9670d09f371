// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

namespace ttx {

/// A fixed set of threads, the caller being one of them. Waiting threads sleep: a pool that has nothing to do
/// costs nothing. One thread calls `run` at a time; calls do not nest.
class ThreadPool {
 public:
  /// Throws Error unless 1 <= threads <= 1024.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int size() const;

  /// Cuts [0, count) into at most size() consecutive ranges of whole `grain`s, as even as can be, and runs
  /// body(begin, end) on each, all at once; returns when all are done. The cut depends on count, grain and
  /// size() only. The first exception of a body is rethrown here.
  void parallel_for(std::int64_t count, std::int64_t grain,
                    const std::function<void(std::int64_t begin, std::int64_t end)>& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace ttx
