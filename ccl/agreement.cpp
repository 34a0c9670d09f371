// SPDX-License-Identifier: Apache-2.0
#include "ccl/agreement.hpp"

#include <cstdint>
#include <exception>

#include "runtime/error.hpp"

namespace ttx::ccl {
namespace {

struct Outcome {
  std::exception_ptr failure;
  int exit_code = 0;  ///< 1 to 255 when it failed
};

int usable_exit_code(int code) {
  return code >= 1 && code <= 255 ? code : static_cast<int>(ExitCode::kFailure);
}

/// Only inside a catch block.
int exit_code_of_current_exception() {
  try {
    throw;
  } catch (const Error& error) {
    return usable_exit_code(static_cast<int>(error.code()));
  } catch (const PeerFailed& peer) {
    return usable_exit_code(peer.exit_code());
  } catch (...) {
    return static_cast<int>(ExitCode::kFailure);
  }
}

Outcome attempt(const std::function<void()>& work) {
  try {
    work();
    return {};
  } catch (...) {
    return {std::current_exception(), exit_code_of_current_exception()};
  }
}

}  // namespace

void on_root(const Communicator& comm, const std::function<void()>& work) {
  Outcome outcome;
  if (comm.rank() == 0) {
    outcome = attempt(work);
  }
  const auto agreed = static_cast<int>(comm.sleeping_max(outcome.exit_code));
  if (outcome.failure) {
    std::rethrow_exception(outcome.failure);
  }
  if (agreed != 0) {
    throw PeerFailed(agreed);
  }
}

void everywhere(const Communicator& comm, const std::function<void()>& work) {
  const Outcome outcome = attempt(work);
  // The largest value is that of the lowest failing rank, with its exit code in the low byte; 0 when all is
  // well.
  const std::int64_t own =
      outcome.failure ? (std::int64_t{comm.size() - comm.rank()} << 8 | outcome.exit_code) : 0;
  const std::int64_t agreed = comm.sleeping_max(own);
  if (agreed == 0) {
    return;
  }
  if (agreed == own) {
    std::rethrow_exception(outcome.failure);
  }
  throw PeerFailed(static_cast<int>(agreed & 0xFF));
}

}  // namespace ttx::ccl
