// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ccl/communicator.hpp"

namespace ttx::ccl {

/// MPI's one owner: the first object in main, the last to go. Everything that holds an MPI handle lives inside its scope.
class Environment {
 public:
  /// Sets what Open MPI reads at start (a waiting rank yields its core; OMPI_MCA_* of the user's wins), then initialises
  /// with MPI_THREAD_FUNNELED. A program started without mpirun is a world of one. Throws Error when MPI cannot start or
  /// gives a lower thread level.
  Environment(int& argc, char**& argv);
  /// Finalises unless an exception is in flight on a job of several ranks, where finalising could wait for ever.
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// A duplicate of MPI_COMM_WORLD, so that ttx's traffic never meets anyone else's.
  const Communicator& world() const { return world_; }

 private:
  Communicator world_;
};

/// Ends the whole job at once with this exit code (MPI_Abort): for a failure that only this rank can see. The message has
/// been logged before.
[[noreturn]] void abort_job(int exit_code);

/// The command line of a rank count: "mpirun -np 8", with --oversubscribe when this machine has fewer cores and
/// --allow-run-as-root for root.
std::string mpirun_command(int ranks);

}  // namespace ttx::ccl
