// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace ttx::ccl {

/// Byte lengths as the `int` counts and displacements MPI takes, counted in blocks of `unit` bytes: 1 as long
/// as the sum fits an int, else the largest power of two (up to 16 MiB) that divides every length.
struct BlockCounts {
  int unit = 1;
  std::vector<int> counts;
  std::vector<int> displacements;  ///< the pieces lie one after the other
};

/// Throws Error naming `op` on a negative length, and when the pieces are too long to be counted even so.
BlockCounts block_counts(std::string_view op, std::span<const std::int64_t> lengths);

/// A byte count that must fit one MPI call. Throws Error naming `op` when it does not.
int narrow_count(std::string_view op, std::int64_t bytes);

}  // namespace ttx::ccl
