// SPDX-License-Identifier: Apache-2.0
#include "ccl/environment.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <string_view>

#include "ccl/mpi_check.hpp"
#include "ccl/start_variables.hpp"
#include "runtime/error.hpp"

namespace ttx::ccl {
namespace {

std::string_view level_name(int level) {
  switch (level) {
    case MPI_THREAD_SINGLE:
      return "MPI_THREAD_SINGLE";
    case MPI_THREAD_FUNNELED:
      return "MPI_THREAD_FUNNELED";
    case MPI_THREAD_SERIALIZED:
      return "MPI_THREAD_SERIALIZED";
    default:
      return "MPI_THREAD_MULTIPLE";
  }
}

void start_mpi(int& argc, char**& argv) {
  int initialized = 0;
  check_mpi(MPI_Initialized(&initialized), {"MPI_Initialized", __FILE__, __LINE__}, -1, -1, 0);
  TTX_CHECK(initialized == 0, "mpi",
            "MPI was started already: got a second Environment, expected one, in main");

  const ScopedVariables variables(start_variables([](const char* name) { return std::getenv(name); }));
  int level = MPI_THREAD_SINGLE;
  check_mpi(MPI_Init_thread(&argc, &argv, MPI_THREAD_FUNNELED, &level),
            {"MPI_Init_thread", __FILE__, __LINE__}, -1, -1, 0);
  TTX_CHECK(level >= MPI_THREAD_FUNNELED, "mpi",
            "MPI gives too low a thread level: got {}, expected MPI_THREAD_FUNNELED; use an Open MPI built "
            "with threads",
            level_name(level));
}

Communicator duplicate_world() {
  for (MPI_Comm comm : {MPI_COMM_WORLD, MPI_COMM_SELF}) {
    check_mpi(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN),
              {"MPI_Comm_set_errhandler", __FILE__, __LINE__}, -1, -1, 0);
  }
  MPI_Comm world = MPI_COMM_NULL;
  check_mpi(MPI_Comm_dup(MPI_COMM_WORLD, &world), {"MPI_Comm_dup", __FILE__, __LINE__}, -1, -1, 0);
  return Communicator(std::make_shared<Communicator::Handle>(world));
}

}  // namespace

Environment::Environment(int& argc, char**& argv) : exceptions_at_start_(std::uncaught_exceptions()) {
  start_mpi(argc, argv);
  world_ = duplicate_world();
}

Environment::~Environment() {
  const bool alone = world_.size() == 1;
  if (std::uncaught_exceptions() > exceptions_at_start_ && !alone) {
    return;
  }
  world_ = {};
  MPI_Finalize();
}

void abort_job(int exit_code) {
  std::fflush(nullptr);
  int initialized = 0;
  int finalized = 0;
  int size = 1;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (initialized != 0 && finalized == 0 && MPI_Comm_size(MPI_COMM_WORLD, &size) == MPI_SUCCESS && size > 1) {
    MPI_Abort(MPI_COMM_WORLD, exit_code);
  }
  std::_Exit(exit_code);
}

}  // namespace ttx::ccl
