// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using TransposeTest = ThreadCounts;

TEST_P(TransposeTest, TransposeExchangesTheMiddleDims) {
  for (const Shape& shape :
       {Shape{1, 3, 5, 8}, Shape{2, 1, 7, 3}, Shape{2, 40, 33, 64}, Shape{1, 4, 1, 32}}) {
    const Tensor x = random_tensor(device, shape, 1, Placement::sharded(2));
    const std::vector<float> in = values_of(x);
    const Tensor out = transpose(x, 1, 2);
    EXPECT_EQ(out.shape(), (Shape{shape[0], shape[2], shape[1], shape[3]}));
    EXPECT_TRUE(out.placement().is_sharded(1));
    std::vector<float> expected;
    for (std::int64_t a = 0; a < shape[0]; ++a) {
      for (std::int64_t c = 0; c < shape[2]; ++c) {
        for (std::int64_t b = 0; b < shape[1]; ++b) {
          for (std::int64_t d = 0; d < shape[3]; ++d) {
            expected.push_back(in[at(((a * shape[1] + b) * shape[2] + c) * shape[3] + d)]);
          }
        }
      }
    }
    expect_same_bits(values_of(out), expected, shape.to_string());
    const Tensor back = transpose(out, -2, 1);
    EXPECT_TRUE(back.placement().is_sharded(2));
    expect_same_bits(values_of(back), in, "and back");
  }
  EXPECT_TRUE(transpose(random_tensor(device, {1, 2, 3, 4}, 1, Placement::sharded(3)), 1, 2)
                  .placement()
                  .is_sharded(3));
}

INSTANTIATE_TEST_SUITE_P(Threads, TransposeTest, ::testing::Values(1, 2, 3));

using TransposeErrors = OneDevice;

TEST_F(TransposeErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 2, 4}, 1);
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  refuse({"[transpose] dims: got 2 and 3, expected 1 and 2"}, [&] { transpose(x, 2, 3); });
  refuse({"[transpose]", "rank 4"}, [&] { transpose(x.reshaped({2, 4}), 1, 2); });
}

}  // namespace
}  // namespace ttx::test
