// SPDX-License-Identifier: Apache-2.0
#include "runtime/gathered_heads.hpp"

#include <numeric>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

HostTensor counted(Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.volume()));
  std::iota(values.begin(), values.end(), 1.0F);
  return HostTensor::from("w", shape, std::move(values));
}

TEST(GatheredHeads, RowsThenZeros) {
  const Range parts[] = {{2, 3}, {0, 1}};
  const HostTensor got = gathered(counted({3, 2}), 0, parts, 3);
  EXPECT_EQ(got.shape(), (Shape{3, 2}));
  EXPECT_EQ(got.to_floats(), (std::vector<float>{5, 6, 1, 2, 0, 0}));
}

TEST(GatheredHeads, ColumnsRepeatedThenZeros) {
  const Range parts[] = {{1, 2}, {1, 2}};
  const HostTensor got = gathered(counted({2, 3}), 1, parts, 3);
  EXPECT_EQ(got.to_floats(), (std::vector<float>{2, 2, 0, 5, 5, 0}));
}

TEST(GatheredHeads, BiasAndNothingAtAll) {
  const Range parts[] = {{3, 5}};
  EXPECT_EQ(gathered(counted({5}), 0, parts, 4).to_floats(), (std::vector<float>{4, 5, 0, 0}));
  EXPECT_EQ(gathered(counted({5, 2}), 0, {}, 1).to_floats(), (std::vector<float>{0, 0}));
}

TEST(GatheredHeads, RefusesWhatDoesNotFit) {
  const Range outside[] = {{2, 4}};
  test::expect_error(ExitCode::kFailure, {"gathered", "[2, 4)", "dim 0"}, [&] {
    gathered(counted({3, 2}), 0, outside, 4);
  });
  const Range two[] = {{0, 2}};
  test::expect_error(ExitCode::kFailure, {"gathered", "2 places", "the 1 there"}, [&] {
    gathered(counted({3, 2}), 0, two, 1);
  });
  test::expect_error(ExitCode::kFailure, {"gathered", "rank 1 or 2"}, [&] {
    gathered(counted({3, 2}).transposed(), 0, two, 2);
  });
}

}  // namespace
}  // namespace ttx
