// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using ConcatTest = ThreadCounts;

TEST_P(ConcatTest, ConcatPutsColumnsSideBySide) {
  for (const std::int64_t rows : {1, 3, 70}) {
    const std::int64_t widths[] = {5, 1, 600};
    std::vector<Tensor> parts;
    for (const std::int64_t width : widths) {
      parts.push_back(
          random_tensor(device, {1, 1, rows, width}, static_cast<unsigned>(width), Placement::sharded(3)));
    }
    const Tensor out = concat({parts[0], parts[1], parts[2]}, -1);
    EXPECT_EQ(out.shape(), (Shape{1, 1, rows, 606}));
    EXPECT_TRUE(out.placement().is_sharded(3));
    std::vector<float> expected;
    for (std::int64_t row = 0; row < rows; ++row) {
      for (const Tensor& part : parts) {
        const std::vector<float> values = values_of(part);
        const std::int64_t width = part.shape()[3];
        expected.insert(expected.end(), values.begin() + row * width, values.begin() + (row + 1) * width);
      }
    }
    expect_same_bits(values_of(out), expected, "concat");
    expect_same_bits(values_of(concat(std::span<const Tensor>(parts), 3)), expected, "concat of dim 3");
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, ConcatTest, ::testing::Values(1, 2, 3));

using ConcatErrors = OneDevice;

TEST_F(ConcatErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 2, 4}, 1);
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  refuse({"[concat] no tensors"}, [] { concat(std::span<const Tensor>(), -1); });
  refuse({"[concat] dim: got 2", "expected the last dim (-1)"}, [&] { concat({x, x}, 2); });
  refuse({"[concat] dim out of range: got 4"}, [&] { concat({x, x}, 4); });
  refuse({"all sizes but the last must agree"}, [&] {
    concat({x, random_tensor(device, {1, 1, 3, 4}, 1)}, -1);
  });
  refuse({"all sizes but the last must agree"}, [&] { concat({x, x.reshaped({2, 4})}, -1); });
  refuse({"placements differ"}, [&] { concat({x, x.placed(Placement::sharded(3))}, -1); });
  refuse({"[concat]", "all_reduce first"}, [&] { concat({x, x.placed(Placement::partial())}, -1); });
}

}  // namespace
}  // namespace ttx::test
