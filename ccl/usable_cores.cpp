// SPDX-License-Identifier: Apache-2.0
#include "ccl/usable_cores.hpp"

#include <fstream>
#include <sched.h>
#include <set>
#include <string>
#include <unistd.h>

#include <fmt/format.h>

namespace ttx::ccl {

int usable_cores() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
    return 0;
  }
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(static_cast<unsigned>(cpu), &allowed)) {
      continue;
    }
    // All hardware threads of a core name the same list of siblings.
    std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
    std::string siblings;
    if (!std::getline(file, siblings)) {
      siblings = fmt::format("cpu{}", cpu);
    }
    cores.insert(siblings);
  }
  return static_cast<int>(cores.size());
}

bool may_use_every_processor() {
  cpu_set_t allowed;
  return sched_getaffinity(0, sizeof allowed, &allowed) == 0 &&
         CPU_COUNT(&allowed) >= ::sysconf(_SC_NPROCESSORS_ONLN);
}

}  // namespace ttx::ccl
