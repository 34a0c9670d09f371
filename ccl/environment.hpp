// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "ccl/communicator.hpp"

namespace ttx::ccl {

/// MPI's one owner: the first object in main, the last to go. Everything that holds an MPI handle lives
/// inside its scope.
class Environment {
 public:
  /// Tells Open MPI what it reads at start (a waiting rank yields its core, and more: start_variables.hpp; an
  /// OMPI_MCA_* of the user's, from the environment or `mpirun --mca`, wins), then initialises with
  /// MPI_THREAD_FUNNELED. The process's own environment is afterwards as before. A program started without
  /// mpirun is a world of one, with no daemon beside it. Throws Error on a second Environment and when MPI
  /// gives a lower thread level. When MPI cannot start at all, Open MPI itself says why and ends the process.
  Environment(int& argc, char**& argv);
  /// Finalises unless an exception is in flight on a job of several ranks, where finalising could wait for
  /// ever: mpirun then ends the other ranks as soon as this process exits.
  ~Environment();
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

  /// A duplicate of MPI_COMM_WORLD, so that ttx's traffic never meets anyone else's.
  const Communicator& world() const { return world_; }

 private:
  int exceptions_at_start_;
  Communicator world_;
};

/// Ends the whole job at once with this exit code (MPI_Abort; in a world of one the process just exits): for
/// a failure that only this rank can see. The message has been logged before; open C streams are flushed,
/// nothing else is cleaned up.
[[noreturn]] void abort_job(int exit_code);

/// The command line of a rank count: "mpirun -np 8", with --oversubscribe when this process may use fewer
/// cores (cores, not hardware threads: that is what mpirun counts) and --allow-run-as-root for root.
std::string mpirun_command(int ranks);

}  // namespace ttx::ccl
