// SPDX-License-Identifier: Apache-2.0
#include "ccl/block_counts.hpp"

#include <algorithm>
#include <bit>
#include <limits>

#include "runtime/error.hpp"

namespace ttx::ccl {
namespace {

constexpr std::int64_t kMaxCount = std::numeric_limits<int>::max();
constexpr int kMaxUnitBits = 24;

}  // namespace

int narrow_count(std::string_view op, std::int64_t bytes) {
  TTX_CHECK(bytes >= 0 && bytes <= kMaxCount, op,
            "message does not fit one MPI call: got {} bytes, expected 0 to {}", bytes, kMaxCount);
  return static_cast<int>(bytes);
}

BlockCounts block_counts(std::string_view op, std::span<const std::int64_t> lengths) {
  std::int64_t total = 0;
  std::uint64_t bits = 0;
  for (const std::int64_t length : lengths) {
    TTX_CHECK(length >= 0, op, "length of a piece is negative: got {}, expected 0 or more", length);
    TTX_CHECK(length <= std::numeric_limits<std::int64_t>::max() - total, op,
              "pieces are too long: their sum exceeds 64 bits");
    total += length;
    bits |= static_cast<std::uint64_t>(length);
  }

  BlockCounts result;
  if (total > kMaxCount) {
    result.unit = 1 << std::min(std::countr_zero(bits), kMaxUnitBits);
  }
  TTX_CHECK(total / result.unit <= kMaxCount, op,
            "pieces are too long for one MPI call: got {} bytes whose lengths have the common unit {}, "
            "expected at most {} "
            "units; cut the tensor in parts",
            total, result.unit, kMaxCount);
  result.counts.reserve(lengths.size());
  result.displacements.reserve(lengths.size());
  std::int64_t begin = 0;
  for (const std::int64_t length : lengths) {
    result.counts.push_back(static_cast<int>(length / result.unit));
    result.displacements.push_back(static_cast<int>(begin / result.unit));
    begin += length;
  }
  return result;
}

}  // namespace ttx::ccl
