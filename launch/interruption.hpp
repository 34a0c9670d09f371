// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <csignal>
#include <stdexcept>

namespace ttx::launch {

/// Thrown where work stops because the user, or the system, asked the program to end.
class Interrupted : public std::runtime_error {
 public:
  Interrupted() : std::runtime_error("interrupted") {}
};

/// While one lives, SIGINT, SIGTERM and SIGHUP do not end the process at once: work that calls check() gets
/// an exception, so that destructors can clean up. One per process at a time.
class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  /// Throws Interrupted once a signal has come. Safe from any thread.
  static void check();
  /// Takes a signal that was waited for elsewhere (run_child) as one that came here.
  static void note(int signal);
  /// Ends the process by the signal that came, as if it had never been held back: a shell sees the usual
  /// status. Returns when none came.
  static void end_process();

 private:
  static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP};
  std::array<struct sigaction, kSignals.size()> before_{};
};

}  // namespace ttx::launch
