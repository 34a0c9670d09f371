// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <functional>

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

TEST_P(ElementwiseTest, ActivationsAreWithinOneRounding) {
  const auto gelu_erf = [](const Tensor& x) { return gelu(x); };
  const auto gelu_tanh = [](const Tensor& x) { return gelu(x, GeluApproximation::kTanh); };
  struct Activation {
    const char* name;
    std::function<Tensor(const Tensor&)> op;
    std::function<double(double)> exactly;
  };
  const double root = std::sqrt(2.0 / std::acos(-1.0));
  const std::vector<Activation> activations = {
      {"gelu", gelu_erf, [](double x) { return x * 0.5 * std::erfc(-x / std::sqrt(2.0)); }},
      {"gelu tanh", gelu_tanh,
       [&](double x) { return x / (1.0 + std::exp(-2.0 * root * (x + 0.044715 * x * x * x))); }},
      {"relu", relu, [](double x) { return std::max(x, 0.0); }},
      {"tanh", [](const Tensor& x) { return tanh(x); }, [](double x) { return std::tanh(x); }},
      {"square", square, [](double x) { return x * x; }},
      {"mul by a number", [](const Tensor& x) { return mul(x, 50.5F); }, [](double x) { return x * 50.5; }}};
  for (const std::int64_t count : kCounts) {
    std::vector<float> x = random_values(count, 5);
    for (float& value : x) {
      value = rounded(value * 2.0F);
    }
    const Tensor in = on_device(device, {1, 1, 1, count}, x, Placement::sharded(3));
    for (const Activation& activation : activations) {
      const Tensor out = activation.op(in);
      EXPECT_EQ(out.shape(), in.shape());
      EXPECT_EQ(out.placement(), in.placement());
      const std::vector<float> got = values_of(out);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double exact = activation.exactly(x[i]);
        ASSERT_LE(std::abs(got[i] - exact), std::abs(exact) * (0x1p-8 + 0x1p-17))
            << activation.name << " of " << x[i];
      }
    }
  }
}

TEST_P(ElementwiseTest, TheFactorOfMulIsRoundedFirst) {
  // 50.596443, the square root of 2560, becomes 50.5.
  const std::vector<float> x = random_values(1000, 6);
  std::vector<float> expected;
  for (const float value : x) {
    expected.push_back(rounded(value * 50.5F));
  }
  expect_same_bits(values_of(mul(on_device(device, {1, 1, 1, 1000}, x), std::sqrt(2560.0F))), expected,
                   "mul");
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
  const auto refuse_partial = [&](std::string_view op, const auto& body) {
    expect_error(ExitCode::kFailure, {op, "x is partial", "all_reduce first"}, body);
  };
  refuse_partial("[silu]", [&] { silu(partial); });
  refuse_partial("[gelu]", [&] { gelu(partial); });
  refuse_partial("[relu]", [&] { relu(partial); });
  refuse_partial("[tanh]", [&] { tanh(partial); });
  refuse_partial("[square]", [&] { square(partial); });
  refuse_partial("[mul]", [&] { mul(partial, 2.0F); });
}

}  // namespace
}  // namespace ttx::test
