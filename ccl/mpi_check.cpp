// SPDX-License-Identifier: Apache-2.0
#include "ccl/mpi_check.hpp"

#include <array>
#include <string_view>

#include "runtime/error.hpp"

namespace ttx::ccl {

void check_mpi(int code, MpiCall call, int rank, int size, std::int64_t bytes) {
  if (code == MPI_SUCCESS) {
    return;
  }
  std::array<char, MPI_MAX_ERROR_STRING> text{};
  int length = 0;
  if (MPI_Error_string(code, text.data(), &length) != MPI_SUCCESS) {
    length = 0;
  }
  TTX_FAIL("mpi",
           "{} failed on rank {} of {} with {} bytes: got error {} ({}), expected MPI_SUCCESS; at {}:{}",
           call.text, rank, size, bytes, code,
           std::string_view(text.data(), static_cast<std::size_t>(length)), call.file, call.line);
}

Communicator::Handle::Handle(MPI_Comm owned) : comm(owned) {
  // Before the handler is set, a failing call ends the job with MPI's own message.
  check_mpi(MPI_Comm_set_errhandler(comm, MPI_ERRORS_RETURN), {"MPI_Comm_set_errhandler", __FILE__, __LINE__},
            -1, -1, 0);
  check_mpi(MPI_Comm_rank(comm, &rank), {"MPI_Comm_rank", __FILE__, __LINE__}, -1, -1, 0);
  check_mpi(MPI_Comm_size(comm, &size), {"MPI_Comm_size", __FILE__, __LINE__}, rank, -1, 0);
}

Communicator::Handle::~Handle() {
  int finalized = 0;
  if (MPI_Finalized(&finalized) == MPI_SUCCESS && finalized == 0) {
    MPI_Comm_free(&comm);  // local in Open MPI: a rank that leaves early waits for nobody
  }
}

}  // namespace ttx::ccl
