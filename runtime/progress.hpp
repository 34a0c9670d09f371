// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace ttx {

/// A line on stderr with the share done and the time left, rewritten in place and wiped at the end. Silent
/// unless stderr is a terminal. One per process at a time; create it on rank 0 only. Not for use from several
/// threads.
class Progress {
 public:
  /// `total` in the units of `advance`; 0 shows nothing.
  Progress(std::string title, std::int64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t units = 1);

  /// "Loading weights  42 %  0:07 left"; without the time while nothing is done. For tests and other
  /// displays.
  static std::string line(const std::string& title, std::int64_t done, std::int64_t total,
                          std::chrono::duration<double> elapsed);

 private:
  using Clock = std::chrono::steady_clock;
  void show(Clock::time_point now);

  std::string title_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  bool terminal_;
  Clock::time_point start_;
  Clock::time_point next_;
};

}  // namespace ttx
