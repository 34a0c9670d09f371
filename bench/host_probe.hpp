// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <sched.h>

#include "ccl/communicator.hpp"
#include "runtime/memory_block.hpp"

namespace ttx::bench {

/// What the host allows at best, at the moment of asking.
struct HostLimits {
  double read = 0;        ///< GB/s, the better of one stream and four
  double peak = 0;        ///< GFLOP/s of the operation that the kernels in use multiply with
  double read_small = 0;  ///< GB/s as `read`, of memory in small pages, which caches that grow lie in
};

/// The probes on as many threads as the ranks of a host have together, at most one for each core that any of
/// them may use. Rank 0 runs them; the others sleep.
class HostProbe {
 public:
  /// Takes the memory that the probe reads, on rank 0: as many bytes mapped as packed weights
  /// are, and as caches.
  /// Collective.
  HostProbe(const ccl::Communicator& line, int threads_per_rank, std::int64_t megabytes);

  int threads() const { return threads_; }
  /// Zeros on the other ranks. Collective.
  HostLimits measure() const;

 private:
  ccl::Communicator line_;
  int threads_ = 1;
  cpu_set_t cores_;  ///< of all ranks
  MemoryBlock memory_;
  MemoryBlock small_pages_;
};

}  // namespace ttx::bench
