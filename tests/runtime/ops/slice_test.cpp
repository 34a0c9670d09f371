// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using SliceRowsTest = ThreadCounts;

TEST_P(SliceRowsTest, SliceTakesRows) {
  const Tensor x = random_tensor(device, {1, 1, 9, 5}, 1, Placement::sharded(3));
  const std::vector<float> in = values_of(x);
  const Tensor out = slice_rows(x, 3, 7);
  EXPECT_EQ(out.shape(), (Shape{1, 1, 4, 5}));
  EXPECT_TRUE(out.placement().is_sharded(3));
  expect_same_bits(values_of(out), {in.begin() + 15, in.begin() + 35}, "rows 3 to 6");
  expect_same_bits(values_of(slice_rows(x, 0, 9)), in, "all rows");
}

INSTANTIATE_TEST_SUITE_P(Threads, SliceRowsTest, ::testing::Values(1, 2, 3));

using SliceRowsErrors = OneDevice;

TEST_F(SliceRowsErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 2, 4}, 1);
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  refuse({"[slice_rows] rows: got [1, 3), expected a range within [0, 2)"}, [&] { slice_rows(x, 1, 3); });
  refuse({"rows: got [1, 1)"}, [&] { slice_rows(x, 1, 1); });
  refuse({"rows: got [-1, 1)"}, [&] { slice_rows(x, -1, 1); });
  refuse({"[slice_rows]", "spread over devices"}, [&] { slice_rows(x.placed(Placement::sharded(2)), 0, 1); });
  refuse({"expected 1 in dims 0 and 1"}, [&] { slice_rows(x.reshaped({1, 2, 1, 4}), 0, 1); });
  refuse({"[slice_rows] x: got an empty tensor"}, [] { slice_rows(Tensor(), 0, 1); });
}

}  // namespace
}  // namespace ttx::test
