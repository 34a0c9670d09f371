// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

namespace ttx::ccl {

/// The world's ranks in the order of the line, from the host of each: the ranks of a host stay together, in
/// their order; hosts come in the order of their first rank. On one host this is 0, 1, 2, ...; rank 0 is
/// always the first.
std::vector<int> line_order(std::span<const std::string> hosts);

/// Different hosts among these.
int count_hosts(std::span<const std::string> hosts);

/// "host a: ranks 0 2, host b: ranks 1 3": the line for the log.
std::string describe_line(std::span<const std::string> hosts);

}  // namespace ttx::ccl
