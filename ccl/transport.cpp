// SPDX-License-Identifier: Apache-2.0
#include "ccl/transport.hpp"

#include "ccl/mpi_transport.hpp"
#include "ccl/window_transport.hpp"

namespace ttx::ccl {

std::unique_ptr<Transport> open_transport(TransportKind kind, const Communicator& line) {
  if (kind == TransportKind::kShm) {
    return std::make_unique<WindowTransport>(line);
  }
  return std::make_unique<MpiTransport>(line);
}

}  // namespace ttx::ccl
