// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ccl/mesh_device.hpp"
#include "launch/process_memory.hpp"

namespace ttx::launch {

/// What one device holds: the process as the kernel sees it, the device as TTNN would fill it. Bytes.
struct DeviceMemory {
  std::int64_t resident =
      0;  ///< proportional share: pages shared by n processes count 1/n; 0 where /proc does not say
  /// The most that was resident so far, shared pages counted in full by each process; 0 likewise.
  std::int64_t peak = 0;
  std::int64_t weights = 0;      ///< DRAM of the device, see runtime/ledger.hpp
  std::int64_t kv_cache = 0;     ///< in full, although this process touches only what is used
  std::int64_t activations = 0;  ///< at their peak
  ProcessMemory process;         ///< the parts of `resident`
};

/// Of every device in line order, on all of them. Collective.
std::vector<DeviceMemory> memory_use(MeshDevice& mesh);

}  // namespace ttx::launch
