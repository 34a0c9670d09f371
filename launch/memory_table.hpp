// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "launch/memory_use.hpp"

namespace ttx::launch {

/// What --memory prints: a row for each device, in MB, by what it is for, with the sum of the parts and what
/// the kernel reports beside it, and a row for all of them. No line end after the last.
std::string memory_table(const std::vector<DeviceMemory>& devices);

}  // namespace ttx::launch
