// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace ttx::test {

/// The running processes (no zombies) of this name, as the kernel knows it, whose environment has all these
/// NAME=value entries.
std::vector<pid_t> processes(const std::string& name, const std::vector<std::string>& environment);

/// Waits until there are `count` of them, a minute at most; what there is then.
std::vector<pid_t> wait_for_processes(std::size_t count, const std::string& name,
                                      const std::vector<std::string>& environment);

}  // namespace ttx::test
