// SPDX-License-Identifier: Apache-2.0
#include "launch/cpu_use.hpp"

#include <cstddef>
#include <ctime>
#include <span>

namespace ttx::launch {

double cpu_seconds() {
  timespec time{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

std::vector<CpuUse> cpu_use(MeshDevice& mesh, const CpuUse& mine) {
  std::vector<CpuUse> all(static_cast<std::size_t>(mesh.num_devices()));
  mesh.line().all_gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

}  // namespace ttx::launch
