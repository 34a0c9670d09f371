// SPDX-License-Identifier: Apache-2.0
#include "runtime/progress.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <unistd.h>
#include <utility>

#include <fmt/format.h>

namespace ttx {

namespace {
constexpr std::chrono::milliseconds kBetweenLines{100};
// Carriage return, and erase to the end of the line.
constexpr const char* kWipe = "\r\x1b[K";
}  // namespace

Progress::Progress(std::string title, std::int64_t total)
    : title_(std::move(title)),
      total_(total),
      terminal_(total > 0 && isatty(STDERR_FILENO) == 1),
      start_(Clock::now()),
      next_(start_) {
  if (terminal_) {
    show(start_);
  }
}

Progress::~Progress() {
  if (terminal_) {
    std::fputs(kWipe, stderr);
    std::fflush(stderr);
  }
}

void Progress::advance(std::int64_t units) {
  done_ = std::min(total_, done_ + units);
  if (!terminal_) {
    return;
  }
  if (const auto now = Clock::now(); now >= next_) {
    show(now);
  }
}

void Progress::show(Clock::time_point now) {
  next_ = now + kBetweenLines;
  std::fputs((kWipe + line(title_, done_, total_, now - start_)).c_str(), stderr);
  std::fflush(stderr);
}

std::string Progress::line(const std::string& title, std::int64_t done, std::int64_t total,
                           std::chrono::duration<double> elapsed) {
  const double share = static_cast<double>(done) / static_cast<double>(total);
  std::string text = fmt::format("{}  {:.0f} %", title, std::floor(100 * share));
  if (done > 0) {
    const auto left = static_cast<std::int64_t>(std::ceil(elapsed.count() * (1 - share) / share));
    text += fmt::format("  {}:{:02} left", left / 60, left % 60);
  }
  return text;
}

}  // namespace ttx
