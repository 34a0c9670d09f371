// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
// The C++ bindings that MPI removed would have to be linked too.
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>

#include "ccl/communicator.hpp"

/// Private to ccl/: the one header that sees mpi.h.
namespace ttx::ccl {

/// Where an MPI call stands in the source.
struct MpiCall {
  const char* text;
  const char* file;
  int line;
};

/// Throws Error unless `code` is MPI_SUCCESS. The message has the call, MPI's own text, the rank, the bytes
/// and the place.
void check_mpi(int code, MpiCall call, int rank, int size, std::int64_t bytes);

/// Checks a call on communicator handle `h` that moves `bytes` from or to this rank.
#define TTX_MPI(h, bytes, call)                                                  \
  ::ttx::ccl::check_mpi((call), {#call, __FILE__, __LINE__}, (h).rank, (h).size, \
                        static_cast<std::int64_t>(bytes))

struct Communicator::Handle {
  /// Takes over `owned`: installs the errors-return handler, frees it in the end.
  explicit Handle(MPI_Comm owned);
  ~Handle();
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  MPI_Comm comm = MPI_COMM_NULL;
  int rank = 0;
  int size = 1;
};

}  // namespace ttx::ccl
