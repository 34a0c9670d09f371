// SPDX-License-Identifier: Apache-2.0
#include "bench/rank_clock.hpp"

#include <cstdint>
#include <ctime>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>

namespace ttx::bench {

namespace {

/// One clock for all processes of a host.
std::int64_t nanoseconds(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

double seconds_on_all(const ccl::Communicator& line, const std::function<void()>& work) {
  line.sleeping_max(0);  // all are here, and none keeps a core from the others' last steps
  line.barrier();
  const std::int64_t start = nanoseconds(CLOCK_MONOTONIC);
  work();
  const std::int64_t end = nanoseconds(CLOCK_MONOTONIC);
  const std::int64_t last = line.sleeping_max(end);
  const std::int64_t first = -line.sleeping_max(-start);
  return static_cast<double>(last - first) * 1e-9;
}

double process_seconds() {
  std::ifstream file("/proc/self/stat");
  std::string text;
  std::getline(file, text);
  // The name before may hold anything; the start is the twentieth field after it, in ticks since the boot.
  constexpr int kFieldsBefore = 19;
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) {
    return 0;
  }
  std::istringstream fields(text.substr(name_end + 1));
  std::string skipped;
  for (int i = 0; i < kFieldsBefore; ++i) {
    fields >> skipped;
  }
  std::int64_t ticks = 0;
  if (!(fields >> ticks)) {
    return 0;
  }
  const double start = static_cast<double>(ticks) / static_cast<double>(sysconf(_SC_CLK_TCK));
  return static_cast<double>(nanoseconds(CLOCK_BOOTTIME)) * 1e-9 - start;
}

}  // namespace ttx::bench
