// SPDX-License-Identifier: Apache-2.0
#include "launch/launch_outcome.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>
#include <string_view>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr int kKilled = static_cast<int>(ExitCode::kKilled);
constexpr int kSignalBase = 128;  // a shell's, and mpirun's, code of a process that a signal ended

std::string signal_name(int signal) { return fmt::format("signal {} ({})", signal, ::strsignal(signal)); }

std::string_view advice(int signal) {
  switch (signal) {
    case SIGKILL:
      return "most often by the system for want of memory (dmesg says so); take a smaller model or "
             "--max_seq_len, or more hosts";
    case SIGTERM:
    case SIGINT:
    case SIGHUP:
      return "somebody, or a batch system at its limit, ended it; start it again";
    case SIGBUS:
      return "a file became shorter while it was read, or the disk or /dev/shm is full; look at both";
    case SIGXCPU:
    case SIGXFSZ:
      return "a limit of the shell (ulimit -a) or of the batch system; raise it";
    default:
      return "it crashed, which is a fault of the program; on more than one rank "
             "--mpi '--mca opal_signal 6,7,8,11' shows where";
  }
}

bool is_plausible(int signal) {
  constexpr std::array kSignals = {SIGKILL, SIGTERM, SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGINT};
  return std::find(kSignals.begin(), kSignals.end(), signal) != kSignals.end();
}

}  // namespace

LaunchOutcome outcome_of_program(const ChildEnd& end, const std::string& name) {
  if (end.passed_on != 0 && (end.signal != 0 || end.exit_code != 0)) {
    return {kSignalBase + end.passed_on, ""};
  }
  if (end.signal != 0) {
    return {kKilled, fmt::format("[launch] {} was killed by {}: {}", name, signal_name(end.signal),
                                 advice(end.signal))};
  }
  return {end.exit_code, ""};
}

LaunchOutcome outcome_of_job(const ChildEnd& end, const MpirunBanners::Seen& seen, const std::string& line) {
  if (end.passed_on != 0 && (end.signal != 0 || end.exit_code != 0)) {
    return {kSignalBase + end.passed_on, ""};
  }
  if (end.signal != 0) {
    return {kKilled,
            fmt::format("[launch] mpirun was killed by {}: {}; `ttx-launch --reset` removes what it left",
                        signal_name(end.signal), advice(end.signal))};
  }
  if (end.exit_code == 0) {
    return {};
  }
  if (seen.killed) {
    return {kKilled,
            fmt::format("[launch] rank {} on {} was killed by {}: {}", seen.killed->rank, seen.killed->host,
                        signal_name(seen.killed->signal), advice(seen.killed->signal))};
  }
  // mpirun does not always say so: not when it was told to be quiet, and not of a rank that has hardly begun.
  if (const int signal = end.exit_code - kSignalBase;
      is_plausible(signal) && (seen.ranks_ran || !seen.other_notes)) {
    return {kKilled,
            fmt::format("[launch] a rank was killed by {}: {}", signal_name(signal), advice(signal))};
  }
  if (seen.ranks_ran) {
    return {end.exit_code, ""};
  }
  return {
      static_cast<int>(ExitCode::kFailure),
      fmt::format("[launch] mpirun did not run the job (its code is {}); what it says is above, and this is "
                  "how it was started: {}",
                  end.exit_code, line)};
}

}  // namespace ttx::launch
