// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace ttx::launch {

/// Names of the environment's variables that steer tt-metal or TTNN and mean nothing without a device:
/// TT_METAL_*, TTNN_* and those that tt-run sets, less the ones that ttx reads; sorted. `environment` is a
/// null-terminated array of NAME=value, such as `environ`.
std::vector<std::string> unused_variables(const char* const* environment);

/// Logs those of this process, if any, in one line at level info; and what TT_METAL_CACHE does, when it is
/// set.
void log_unused_variables();

}  // namespace ttx::launch
