// SPDX-License-Identifier: Apache-2.0
#include "bench/host_probe.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include "bench/probe_memory.hpp"
#include "bench/probes.hpp"
#include "kernels/table.hpp"

namespace ttx::bench {

namespace {

cpu_set_t own_cores() {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  sched_getaffinity(0, sizeof cores, &cores);
  return cores;
}

}  // namespace

HostProbe::HostProbe(const ccl::Communicator& line, int threads_per_rank, std::int64_t megabytes)
    : line_(line), cores_(own_cores()) {
  std::vector<cpu_set_t> all(static_cast<std::size_t>(line.size()));
  line.all_gather(std::as_bytes(std::span(&cores_, 1)), std::as_writable_bytes(std::span(all)));
  for (const cpu_set_t& other : all) {
    CPU_OR(&cores_, &cores_, &other);
  }
  threads_ = std::clamp(line.size() * threads_per_rank, 1, std::max(1, CPU_COUNT(&cores_)));
  if (line.rank() == 0) {
    const std::size_t bytes = static_cast<std::size_t>(megabytes) << 20U;
    memory_ = weight_memory(bytes);
    small_pages_ = cache_memory(bytes);
  }
}

HostLimits HostProbe::measure() const {
  HostLimits limits;
  if (line_.rank() == 0) {
    // A rank may be bound to one core, and threads begin where their creator may run.
    const cpu_set_t before = own_cores();
    sched_setaffinity(0, sizeof cores_, &cores_);
    const Placement free{threads_, false};  // as the threads of a device
    limits.read = best_read_bandwidth(memory_.data(), memory_.size(), free);
    limits.read_small = best_read_bandwidth(small_pages_.data(), small_pages_.size(), free);
    limits.peak = arithmetic_peak(kernels::active().isa, free);
    sched_setaffinity(0, sizeof before, &before);
  }
  line_.sleeping_max(0);
  return limits;
}

}  // namespace ttx::bench
