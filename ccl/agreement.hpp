// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stdexcept>

#include "ccl/communicator.hpp"

namespace ttx::ccl {

/// Thrown on the ranks that are fine when another one is not. Says nothing to the user: the failing rank
/// does.
class PeerFailed : public std::runtime_error {
 public:
  explicit PeerFailed(int exit_code) : std::runtime_error("another rank failed"), exit_code_(exit_code) {}
  int exit_code() const { return exit_code_; }

 private:
  int exit_code_;
};

/// Runs `work` on rank 0 while the others sleep. When it throws ttx::Error (or any std::exception), rank 0
/// rethrows it and the others throw PeerFailed with its exit code: one message, from one rank, and everyone
/// leaves in order.
void on_root(const Communicator& comm, const std::function<void()>& work);

/// Runs `work`, which must not communicate, on every rank; then all agree. When it failed somewhere, the
/// lowest failing rank rethrows and all others throw PeerFailed.
void everywhere(const Communicator& comm, const std::function<void()>& work);

}  // namespace ttx::ccl
