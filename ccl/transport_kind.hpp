// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

namespace ttx::ccl {

enum class TransportKind {
  kMpi,  ///< MPI collectives on the line, over any network
  kShm,  ///< a window of shared memory; all ranks on one host
};

/// "mpi", "shm": the spelling on command lines, in TTX_CCL and in JSON.
std::string_view transport_name(TransportKind kind);
std::optional<TransportKind> transport_from_name(std::string_view name);
/// What the environment variable TTX_CCL names; kMpi when it is not set or empty. Throws Error(kUsage) on any
/// other value.
TransportKind default_transport();

}  // namespace ttx::ccl
