// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <istream>

namespace ttx::launch {

/// What this process has in memory, as the kernel tells it, by what it is for. Bytes; pages that n processes
/// share count 1/n. Zeros where /proc does not say.
struct ProcessMemory {
  std::int64_t weights = 0;      ///< packed in memory, and mapped from a packed file
  std::int64_t kv_cache = 0;     ///< where touched
  std::int64_t activations = 0;  ///< and scratch, those kept for the next op too
  std::int64_t tables = 0;       ///< rotary
  std::int64_t checkpoint = 0;   ///< pages of the model's files
  std::int64_t window = 0;       ///< memory shared with other ranks: MPI's, and that of --ccl shm
  std::int64_t libraries = 0;    ///< programs and libraries, and other files
  std::int64_t heap = 0;         ///< all the rest: heap, stacks
  std::int64_t sum() const {
    return weights + kv_cache + activations + tables + checkpoint + window + libraries + heap;
  }
};

/// Of /proc/self/smaps and of the blocks that tensors hold.
ProcessMemory process_memory();

/// The parts that mappings in the format of /proc/PID/smaps have; `heap` is everything without a file.
ProcessMemory memory_of_mappings(std::istream& smaps);

}  // namespace ttx::launch
