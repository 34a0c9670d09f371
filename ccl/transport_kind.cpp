// SPDX-License-Identifier: Apache-2.0
#include "ccl/transport_kind.hpp"

#include <cstdlib>

#include "runtime/error.hpp"

namespace ttx::ccl {

std::string_view transport_name(TransportKind kind) {
  switch (kind) {
    case TransportKind::kMpi:
      return "mpi";
    case TransportKind::kShm:
      return "shm";
  }
  return "?";
}

std::optional<TransportKind> transport_from_name(std::string_view name) {
  for (const TransportKind kind : {TransportKind::kMpi, TransportKind::kShm}) {
    if (name == transport_name(kind)) {
      return kind;
    }
  }
  return std::nullopt;
}

TransportKind default_transport() {
  const char* wanted = std::getenv("TTX_CCL");
  if (wanted == nullptr || *wanted == '\0') {
    return TransportKind::kMpi;
  }
  const auto kind = transport_from_name(wanted);
  TTX_CHECK_AS(kind.has_value(), ExitCode::kUsage, "ccl", "TTX_CCL: got \"{}\", expected mpi or shm", wanted);
  return *kind;
}

}  // namespace ttx::ccl
