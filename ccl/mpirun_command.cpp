// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <unistd.h>

#include <fmt/format.h>

#include "ccl/environment.hpp"
#include "ccl/usable_cores.hpp"

namespace ttx::ccl {

std::string mpirun_command(int ranks) {
  return fmt::format("mpirun -np {}{}{}", ranks, ranks > usable_cores() ? " --oversubscribe" : "",
                     geteuid() == 0 ? " --allow-run-as-root" : "");
}

}  // namespace ttx::ccl
