// SPDX-License-Identifier: Apache-2.0
#include "ccl/block_counts.hpp"

#include <array>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::ccl {
namespace {

constexpr std::int64_t kMax = std::numeric_limits<int>::max();

TEST(BlockCounts, SmallPiecesAreCountedInBytes) {
  const std::array<std::int64_t, 3> lengths = {6, 0, 4};
  const BlockCounts counts = block_counts("op", lengths);
  EXPECT_EQ(counts.unit, 1);
  EXPECT_EQ(counts.counts, (std::vector<int>{6, 0, 4}));
  EXPECT_EQ(counts.displacements, (std::vector<int>{0, 6, 6}));
}

TEST(BlockCounts, TheLargestSumThatFitsIsCountedInBytes) {
  const std::array<std::int64_t, 2> lengths = {kMax - 1, 1};
  EXPECT_EQ(block_counts("op", lengths).unit, 1);
  EXPECT_EQ(block_counts("op", lengths).displacements[1], kMax - 1);
}

TEST(BlockCounts, BeyondIntTheUnitIsTheCommonPowerOfTwo) {
  const std::array<std::int64_t, 3> lengths = {kMax + 1, 64, 3 * 64};
  const BlockCounts counts = block_counts("op", lengths);
  EXPECT_EQ(counts.unit, 64);
  EXPECT_EQ(counts.counts, (std::vector<int>{(1 << 25), 1, 3}));
  EXPECT_EQ(counts.displacements, (std::vector<int>{0, (1 << 25), (1 << 25) + 1}));
}

TEST(BlockCounts, TheUnitStaysBelowSixteenMebibytes) {
  const std::array<std::int64_t, 2> lengths = {std::int64_t{1} << 40, std::int64_t{1} << 41};
  const BlockCounts counts = block_counts("op", lengths);
  EXPECT_EQ(counts.unit, 1 << 24);
  EXPECT_EQ(counts.counts, (std::vector<int>{1 << 16, 1 << 17}));
}

TEST(BlockCounts, RefusesWhatCannotBeCounted) {
  const std::array<std::int64_t, 2> odd = {kMax, 1};
  test::expect_error(ExitCode::kFailure, {"[gather]", "2147483648 bytes", "unit 1", "2147483647"},
                     [&] { block_counts("gather", odd); });
  const std::array<std::int64_t, 2> negative = {4, -1};
  test::expect_error(ExitCode::kFailure, {"[gather]", "negative", "got -1"},
                     [&] { block_counts("gather", negative); });
  const std::array<std::int64_t, 2> huge = {std::numeric_limits<std::int64_t>::max(), 1};
  test::expect_error(ExitCode::kFailure, {"[gather]", "64 bits"}, [&] { block_counts("gather", huge); });
}

TEST(NarrowCount, ChecksTheRange) {
  EXPECT_EQ(narrow_count("op", kMax), kMax);
  EXPECT_EQ(narrow_count("op", 0), 0);
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "2147483648"},
                     [] { narrow_count("broadcast", kMax + 1); });
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "-1"}, [] { narrow_count("broadcast", -1); });
}

}  // namespace
}  // namespace ttx::ccl
