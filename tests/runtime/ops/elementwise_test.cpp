// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using ElementwiseTest = ThreadCounts;
constexpr std::int64_t kCounts[] = {1, 15, 16, 17, 1023, 1025, 100003};

TEST_P(ElementwiseTest, AddAndMulRoundOnce) {
  for (const std::int64_t count : kCounts) {
    const std::vector<float> a = random_values(count, 1);
    const std::vector<float> b = random_values(count, 2);
    std::vector<float> sum;
    std::vector<float> product;
    for (std::size_t i = 0; i < a.size(); ++i) {
      sum.push_back(rounded(a[i] + b[i]));
      product.push_back(rounded(a[i] * b[i]));
    }
    const Tensor x = on_device(device, {1, 1, 1, count}, a, Placement::sharded(3));
    const Tensor y = on_device(device, {1, 1, 1, count}, b, Placement::sharded(3));
    EXPECT_TRUE(add(x, y).placement().is_sharded(3));
    expect_same_bits(values_of(add(x, y)), sum, "add");
    expect_same_bits(values_of(mul(x, y)), product, "mul");
  }
}

TEST_P(ElementwiseTest, SiluIsWithinOneRounding) {
  for (const std::int64_t count : kCounts) {
    std::vector<float> x = random_values(count, 3);
    for (float& value : x) {
      value = rounded(value * 10.0F);
    }
    const std::vector<float> out = values_of(silu(on_device(device, {1, 1, count, 1}, x)));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double exact = x[i] / (1.0 + std::exp(-static_cast<double>(x[i])));
      // Half a step of bfloat16 is at most 2^-8 of the value; the fp32 inside adds some 2^-22.
      ASSERT_LE(std::abs(out[i] - exact), std::abs(exact) * (0x1p-8 + 0x1p-20)) << "x = " << x[i];
    }
  }
}

TEST_P(ElementwiseTest, ThreadsChangeNoBit) {
  Device one{wormhole_profile(1), 1};
  const std::vector<float> x = random_values(200000, 4);
  expect_same_bits(values_of(silu(on_device(device, {200, 1000}, x))),
                   values_of(silu(on_device(one, {200, 1000}, x))), "silu");
}

INSTANTIATE_TEST_SUITE_P(Threads, ElementwiseTest, ::testing::Values(1, 2, 3));

using ElementwiseErrors = OneDevice;

TEST_F(ElementwiseErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 2, 4}, 1);
  const auto refuse = [&](const Tensor& a, const Tensor& b, std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kFailure, pieces, [&] { add(a, b); });
    expect_error(ExitCode::kFailure, pieces, [&] { mul(a, b); });
  };
  expect_error(ExitCode::kFailure, {"[add]"}, [&] { add(x, Tensor()); });
  expect_error(ExitCode::kFailure, {"[mul]"}, [&] { mul(x, Tensor()); });
  refuse(x, random_tensor(device, {1, 1, 4, 2}, 1), {"shapes differ", "[1, 1, 2, 4]", "[1, 1, 4, 2]"});
  refuse(x, x.placed(Placement::sharded(3)), {"placements differ", "all_gather"});
  refuse(x, x.placed(Placement::partial()), {"b is partial", "all_reduce first"});
  const Tensor partial =
      Tensor::rows(device, {1, 1, 2, 4}, DataType::FLOAT32, Layout::TILE, Placement::partial());
  refuse(partial, x, {"a is partial", "FLOAT32", "all_reduce first"});
  refuse(partial.placed({}), x, {"expected rows of BFLOAT16"});
  expect_error(ExitCode::kFailure, {"[silu] x is partial", "all_reduce first"}, [&] { silu(partial); });
}

}  // namespace
}  // namespace ttx::test
