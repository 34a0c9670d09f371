// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "ccl/mesh_device.hpp"

namespace ttx::launch {

/// Processor time of one rank, all its threads, in seconds.
struct CpuUse {
  double reference = 0;  ///< in that phase; a rank other than 0 waits through it
  double load = 0;       ///< in that phase
  double total = 0;      ///< since the process began
};

/// Of this process since it began.
double cpu_seconds();

/// Of every device in line order, on all of them. Collective.
std::vector<CpuUse> cpu_use(MeshDevice& mesh, const CpuUse& mine);

}  // namespace ttx::launch
