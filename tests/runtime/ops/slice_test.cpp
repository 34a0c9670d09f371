// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <vector>

#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using SliceTest = ThreadCounts;
using Ranges = std::array<std::int64_t, 4>;

/// Element by element, by the definition.
std::vector<float> expected(const std::vector<float>& in, const Shape& shape, const Ranges& begins,
                            const Ranges& ends) {
  std::vector<float> out;
  for (std::int64_t a = begins[0]; a < ends[0]; ++a) {
    for (std::int64_t b = begins[1]; b < ends[1]; ++b) {
      for (std::int64_t c = begins[2]; c < ends[2]; ++c) {
        for (std::int64_t d = begins[3]; d < ends[3]; ++d) {
          out.push_back(in[static_cast<std::size_t>(((a * shape[1] + b) * shape[2] + c) * shape[3] + d)]);
        }
      }
    }
  }
  return out;
}

TEST_P(SliceTest, SliceTakesRows) {
  const Tensor x = random_tensor(device, {1, 1, 9, 5}, 1, Placement::sharded(3));
  const std::vector<float> in = values_of(x);
  const Tensor out = slice(x, {0, 0, 3, 0}, {1, 1, 7, 5});
  EXPECT_EQ(out.shape(), (Shape{1, 1, 4, 5}));
  EXPECT_TRUE(out.placement().is_sharded(3));
  expect_same_bits(values_of(out), {in.begin() + 15, in.begin() + 35}, "rows 3 to 6");
  expect_same_bits(values_of(slice(x, {0, 0, 0, 0}, {1, 1, 9, 5})), in, "all rows");
}

TEST_P(SliceTest, SliceTakesAnyRanges) {
  const Shape shape = {3, 4, 5, 6};
  const Tensor x = random_tensor(device, shape, 2);
  const std::vector<float> in = values_of(x);
  const std::vector<std::pair<Ranges, Ranges>> cases = {
      {{0, 0, 0, 0}, {3, 4, 5, 6}}, {{1, 0, 0, 0}, {2, 4, 5, 6}}, {{0, 1, 0, 0}, {3, 3, 5, 6}},
      {{0, 0, 2, 0}, {3, 4, 5, 6}}, {{0, 0, 0, 2}, {3, 4, 5, 5}}, {{1, 1, 1, 1}, {3, 3, 4, 5}},
      {{2, 3, 4, 5}, {3, 4, 5, 6}}, {{0, 2, 1, 0}, {2, 4, 2, 1}}};
  for (const auto& one : cases) {
    const Tensor out = slice(x, one.first, one.second);
    for (int d = 0; d < 4; ++d) {
      EXPECT_EQ(out.shape()[d],
                one.second[static_cast<std::size_t>(d)] - one.first[static_cast<std::size_t>(d)]);
    }
    expect_same_bits(values_of(out), expected(in, shape, one.first, one.second), "ranges");
  }
}

TEST_P(SliceTest, WhatLiesTogetherIsShared) {
  const Tensor x = random_tensor(device, {2, 3, 4, 6}, 3);
  const auto lies_in_x = [&](const Ranges& begins, const Ranges& ends) {
    const auto in = std::as_bytes(x.bf16());
    const auto out = slice(x, begins, ends).row_bytes();
    return out.data() >= in.data() && out.data() + out.size() <= in.data() + in.size();
  };
  EXPECT_TRUE(lies_in_x({1, 0, 0, 0}, {2, 3, 4, 6}));
  EXPECT_TRUE(lies_in_x({1, 1, 0, 0}, {2, 3, 4, 6}));
  EXPECT_TRUE(lies_in_x({1, 1, 2, 0}, {2, 2, 4, 6}));
  EXPECT_TRUE(lies_in_x({1, 1, 2, 1}, {2, 2, 3, 4}));
  EXPECT_FALSE(lies_in_x({0, 1, 0, 0}, {2, 3, 4, 6}));
  EXPECT_FALSE(lies_in_x({1, 1, 2, 1}, {2, 2, 4, 4}));
  // A piece of a piece, and what ops make of it.
  const Tensor row = slice(slice(x, {1, 2, 1, 0}, {2, 3, 4, 6}), {0, 0, 1, 0}, {1, 1, 2, 6});
  const std::vector<float> in = values_of(x);
  const auto begin = in.begin() + ((1 * 3 + 2) * 4 + 2) * 6;
  expect_same_bits(values_of(row), {begin, begin + 6}, "a row");
  expect_same_bits(values_of(row.reshaped({1, 1, 2, 3})), {begin, begin + 6}, "reshaped");
  std::vector<float> doubled;
  for (auto value = begin; value != begin + 6; ++value) {
    doubled.push_back(2.0F * *value);
  }
  expect_same_bits(values_of(add(row, row)), doubled, "added");
}

INSTANTIATE_TEST_SUITE_P(Threads, SliceTest, ::testing::Values(1, 2, 3));

using SliceErrors = OneDevice;

TEST_F(SliceErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 2, 4}, 1);
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  const auto rows = [](const Tensor& tensor, std::int64_t begin, std::int64_t end) {
    return slice(tensor, {0, 0, begin, 0}, {1, 1, end, 4});
  };
  refuse({"[slice] dim 2: got [1, 3), expected a range within [0, 2)"}, [&] { rows(x, 1, 3); });
  refuse({"dim 2: got [1, 1)"}, [&] { rows(x, 1, 1); });
  refuse({"dim 2: got [-1, 1)"}, [&] { rows(x, -1, 1); });
  refuse({"[slice] dim 0: got [0, 2), expected a range within [0, 1)"}, [&] {
    slice(x, {0, 0, 0, 0}, {2, 1, 2, 4});
  });
  refuse({"[slice] dim 3: got [2, 5)"}, [&] { slice(x, {0, 0, 0, 2}, {1, 1, 2, 5}); });
  refuse({"[slice] dim 2 is spread over devices", "all_gather"},
         [&] { rows(x.placed(Placement::sharded(2)), 0, 1); });
  refuse({"[slice] x: got", "expected four dims"}, [&] { rows(x.reshaped({2, 4}), 0, 1); });
  refuse({"[slice] x: got an empty tensor"}, [&] { rows(Tensor(), 0, 1); });
}

}  // namespace
}  // namespace ttx::test
