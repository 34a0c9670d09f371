// SPDX-License-Identifier: Apache-2.0
#include "ccl/environment.hpp"

#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

#include "ccl/mpi_check.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

MPI_Errhandler handler_of(MPI_Comm comm) {
  MPI_Errhandler handler = MPI_ERRHANDLER_NULL;
  EXPECT_EQ(MPI_Comm_get_errhandler(comm, &handler), MPI_SUCCESS);
  return handler;
}

TEST(Environment, GivesFunneledThreads) {
  int level = -1;
  ASSERT_EQ(MPI_Query_thread(&level), MPI_SUCCESS);
  EXPECT_GE(level, static_cast<int>(MPI_THREAD_FUNNELED));
}

TEST(Environment, ErrorsReturnOnEveryCommunicator) {
  EXPECT_EQ(handler_of(MPI_COMM_WORLD), MPI_ERRORS_RETURN);
  EXPECT_EQ(handler_of(MPI_COMM_SELF), MPI_ERRORS_RETURN);
  EXPECT_EQ(handler_of(test::world().handle().comm), MPI_ERRORS_RETURN);
  const Communicator line = test::world().line();
  EXPECT_EQ(handler_of(line.handle().comm), MPI_ERRORS_RETURN);
}

TEST(Environment, WorldIsADuplicateInRankOrder) {
  int relation = MPI_UNEQUAL;
  ASSERT_EQ(MPI_Comm_compare(test::world().handle().comm, MPI_COMM_WORLD, &relation), MPI_SUCCESS);
  EXPECT_EQ(relation, MPI_CONGRUENT);
}

TEST(Environment, ASecondOneIsRefused) {
  int argc = 0;
  char** argv = nullptr;
  test::expect_error(ExitCode::kFailure, {"[mpi]", "second Environment"},
                     [&] { const Environment second(argc, argv); });
}

TEST(Environment, LeavesItsVariablesToNobody) {
  // ob1 is chosen on one host and is the tests' choice nowhere.
  EXPECT_EQ(std::getenv("OMPI_MCA_pml"), nullptr);
}

TEST(CheckMpi, AFailingCallThrowsWithAllThatIsKnown) {
  const Communicator::Handle& h = test::world().handle();
  test::expect_error(ExitCode::kFailure,
                     {"[mpi]", "MPI_Bcast(", "MPI_ERR_ROOT", "on rank " + std::to_string(h.rank),
                      "with 4 bytes", "environment_test.cpp:"},
                     [&] {
                       int value = 0;
                       TTX_MPI(h, sizeof value, MPI_Bcast(&value, 4, MPI_BYTE, h.size + 7, h.comm));
                     });
}

}  // namespace
}  // namespace ttx::ccl
