// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

/// The sum over [begin, end) of k in the documented order: pairs in order, fma(even, fma(odd, acc)).
float block_sum(const float* x, const float* w, std::int64_t begin, std::int64_t end) {
  float acc = 0.0F;
  for (std::int64_t k = begin; k < end; k += 2) {
    if (k + 1 < end) {
      acc = std::fma(x[k + 1], w[k + 1], acc);
    }
    acc = std::fma(x[k], w[k], acc);
  }
  return acc;
}

float tree(const std::vector<float>& sums, std::size_t begin, std::size_t count) {
  return count == 1 ? sums[begin] : tree(sums, begin, count / 2) + tree(sums, begin + count / 2, count / 2);
}

/// x [m][k] times w [n][k], fp32, by the definition of kernels/linear.hpp.
std::vector<float> reference(const std::vector<float>& x, const std::vector<float>& w, std::int64_t m,
                             std::int64_t n, std::int64_t k, const SumBlocks& blocks) {
  std::vector<float> out;
  for (std::int64_t i = 0; i < m; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      std::vector<float> sums;
      std::int64_t begin = 0;
      for (int b = 0; b < blocks.count; ++b) {
        const std::int64_t end = blocks.end[at(b)];
        sums.push_back(block_sum(x.data() + i * k, w.data() + j * k, begin, end));
        begin = end;
      }
      out.push_back(tree(sums, 0, sums.size()));
    }
  }
  return out;
}

std::vector<float> rounded_all(std::vector<float> values) {
  for (float& value : values) {
    value = rounded(value);
  }
  return values;
}

struct Sizes {
  std::int64_t m, k, n;
};
constexpr Sizes kSizes[] = {{1, 1, 1},    {1, 64, 32},  {1, 33, 70},   {2, 5, 3},     {12, 130, 33},
                            {13, 64, 96}, {40, 96, 31}, {70, 255, 65}, {1, 512, 700}, {37, 512, 700}};

using LinearTest = ThreadCounts;

TEST_P(LinearTest, ColumnParallelIsOneBlockRoundedOnce) {
  for (const auto& [m, k, n] : kSizes) {
    const std::vector<float> x = random_values(m * k, 1);
    const std::vector<float> w = random_values(n * k, 2);
    SumBlocks one;
    one.end[0] = k;
    const std::vector<float> expected = rounded_all(reference(x, w, m, n, k, one));
    for (const Placement placement : {Placement::replicated(), Placement::sharded(3)}) {
      const Tensor out =
          linear(on_device(device, {1, 1, m, k}, x), weight_on_device(device, n, k, w, placement));
      EXPECT_EQ(out.shape(), (Shape{1, 1, m, n}));
      EXPECT_EQ(out.placement(), placement);
      EXPECT_EQ(out.layout(), Layout::TILE);
      expect_same_bits(values_of(out), expected, out.describe());
    }
  }
}

TEST_P(LinearTest, BiasIsAddedBeforeTheRounding) {
  for (const auto& [m, k, n] : kSizes) {
    const std::vector<float> x = random_values(m * k, 1);
    const std::vector<float> w = random_values(n * k, 2);
    const std::vector<float> b = random_values(n, 3);
    SumBlocks one;
    one.end[0] = k;
    std::vector<float> expected = reference(x, w, m, n, k, one);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      expected[i] = rounded(expected[i] + b[i % at(n)]);
    }
    for (const auto& [of_w, of_bias] : {std::pair{Placement::replicated(), Placement::replicated()},
                                        {Placement::sharded(3), Placement::sharded(3)}}) {
      const Tensor weight = weight_on_device(device, n, k, w, of_w);
      const Tensor out = linear(on_device(device, {1, 1, m, k}, x), weight,
                                {.bias = on_device(device, {1, 1, 1, n}, b, of_bias)});
      EXPECT_EQ(out.placement(), of_w);
      expect_same_bits(values_of(out), expected, out.describe());
    }
    const Tensor weight = weight_on_device(device, n, k, w, Placement::sharded(3));
    expect_same_bits(values_of(linear(on_device(device, {1, 1, m, k}, x), weight,
                                      {.bias = on_device(device, {n}, b, Placement::sharded(0))})),
                     expected, "a bias of one dim");
  }
}

TEST_P(LinearTest, RowParallelIsAnFp32PartialOverTheCanonicalBlocks) {
  for (const int devices : {1, 2, 4, 8, 3}) {
    const ShardPlan plan(devices);
    for (const auto& [m, whole, n] : {Sizes{1, 50, 33}, {5, 300, 40}, {13, 777, 32}}) {
      for (const int rank : {0, devices - 1}) {
        const std::int64_t k = plan.piece(whole, rank, "k").size();
        const SumBlocks blocks = plan.sum_blocks(whole, rank, "k");
        const std::vector<float> x = random_values(m * k, 3);
        const std::vector<float> w = random_values(n * k, 4);
        const Tensor out = linear(on_device(device, {1, 1, m, k}, x, Placement::sharded(3)),
                                  weight_on_device(device, n, k, w, Placement::sharded(2), blocks));
        EXPECT_TRUE(out.placement().is_partial());
        EXPECT_EQ(out.dtype(), DataType::FLOAT32);
        expect_same_bits(values_of(out), reference(x, w, m, n, k, blocks), out.describe());
      }
    }
  }
}

TEST_P(LinearTest, EmptySumBlocksAddNothing) {
  for (const std::int64_t k : {1, 5, 10}) {
    const SumBlocks blocks = ShardPlan(1).sum_blocks(k, 0, "k");
    EXPECT_EQ(blocks.end[0], 0);
    for (const std::int64_t m : {1, 3}) {
      const std::vector<float> x = random_values(m * k, 3);
      const std::vector<float> w = random_values(33 * k, 4);
      const Tensor out = linear(on_device(device, {1, 1, m, k}, x, Placement::sharded(3)),
                                weight_on_device(device, 33, k, w, Placement::sharded(2), blocks));
      expect_same_bits(values_of(out), reference(x, w, m, 33, k, blocks), out.describe());
    }
  }
}

TEST_P(LinearTest, PartialsOfFewerDevicesAreSumsOfThoseOfMore) {
  constexpr std::int64_t kWhole = 330;
  constexpr std::int64_t kN = 37;
  const std::vector<float> x = random_values(kWhole, 5);
  const std::vector<float> w = random_values(kN * kWhole, 6);
  const auto partial = [&](int devices, int rank) {
    const Range piece = ShardPlan(devices).piece(kWhole, rank, "k");
    Upload how;
    how.placement = Placement::sharded(2);
    how.piece = piece;
    how.sum_blocks = ShardPlan(devices).sum_blocks(kWhole, rank, "k");
    const Tensor weight = upload(device, HostTensor::from("w", {kN, kWhole}, w).transposed(), how);
    const std::vector<float> mine(x.begin() + piece.begin, x.begin() + piece.end);
    return values_of(linear(on_device(device, {1, 1, 1, piece.size()}, mine, Placement::sharded(3)), weight));
  };
  for (const int devices : {1, 2, 4}) {
    for (int rank = 0; rank < devices; ++rank) {
      std::vector<float> sum = partial(2 * devices, 2 * rank);
      const std::vector<float> other = partial(2 * devices, 2 * rank + 1);
      for (std::size_t i = 0; i < sum.size(); ++i) {
        sum[i] += other[i];
      }
      expect_same_bits(partial(devices, rank), sum, std::to_string(devices));
    }
  }
}

TEST_P(LinearTest, WeightsSideBySideAreTheirLinearsSideBySide) {
  for (const auto& [m, k] : {std::pair<std::int64_t, std::int64_t>{1, 65}, {5, 64}, {30, 33}, {1, 640}}) {
    for (const Placement placement : {Placement::replicated(), Placement::sharded(3)}) {
      const Tensor x = random_tensor(device, {1, 1, m, k}, 1);
      std::vector<Tensor> weights;
      std::vector<Tensor> biases;
      for (const std::int64_t n : {70, 32, 1, 128}) {
        const auto seed = static_cast<unsigned>(n);
        weights.push_back(weight_on_device(device, n, k, random_values(n * k, seed), placement));
        biases.push_back(random_tensor(device, {1, 1, 1, n}, seed + 1, placement));
      }
      const std::vector<float> apart =
          values_of(concat({linear(x, weights[0]), linear(x, weights[1], {.bias = biases[1]}),
                            linear(x, weights[2]), linear(x, weights[3], {.bias = biases[3]})},
                           -1));
      const Tensor out =
          linear(x, {weights[0], {weights[1], biases[1]}, weights[2], {weights[3], biases[3]}});
      EXPECT_EQ(out.shape(), (Shape{1, 1, m, 231}));
      EXPECT_EQ(out.placement(), placement);
      expect_same_bits(values_of(out), apart, out.describe());
    }
  }
}

TEST_P(LinearTest, PartialsSideBySide) {
  const SumBlocks blocks = ShardPlan(2).sum_blocks(100, 0, "k");
  for (const std::int64_t m : {1, 4}) {
    const Tensor x = random_tensor(device, {1, 1, m, 50}, 1, Placement::sharded(3));
    const auto weight = [&](std::int64_t n) {
      return weight_on_device(device, n, 50, random_values(n * 50, static_cast<unsigned>(n)),
                              Placement::sharded(2), blocks);
    };
    const Tensor w40 = weight(40);
    const Tensor w33 = weight(33);
    const Tensor out = linear(x, {w40, w33});
    EXPECT_TRUE(out.placement().is_partial());
    const std::vector<float> first = values_of(linear(x, w40));
    const std::vector<float> second = values_of(linear(x, w33));
    std::vector<float> expected;
    for (std::int64_t row = 0; row < m; ++row) {
      expected.insert(expected.end(), first.begin() + row * 40, first.begin() + (row + 1) * 40);
      expected.insert(expected.end(), second.begin() + row * 33, second.begin() + (row + 1) * 33);
    }
    expect_same_bits(values_of(out), expected, out.describe());
  }
}

TEST_P(LinearTest, LeadingDimsFoldIntoRows) {
  const std::vector<float> x = random_values(2 * 3 * 4 * 8, 7);
  const Tensor w = weight_on_device(device, 5, 8, random_values(5 * 8, 8));
  const Tensor four = linear(on_device(device, {2, 3, 4, 8}, x, Placement::sharded(1)), w);
  EXPECT_EQ(four.shape(), (Shape{2, 3, 4, 5}));
  EXPECT_TRUE(four.placement().is_sharded(1));
  const Tensor two = linear(on_device(device, {24, 8}, x), w);
  expect_same_bits(values_of(four), values_of(two), "folded");
}

INSTANTIATE_TEST_SUITE_P(Threads, LinearTest, ::testing::Values(1, 2, 3));

using LinearErrors = OneDevice;

TEST_F(LinearErrors, SayWhatToDo) {
  const auto x = [&](std::int64_t k, Placement placement = {}) {
    return random_tensor(device, {1, 1, 2, k}, 1, placement);
  };
  const auto w = [&](Placement placement = {}) {
    return weight_on_device(device, 4, 6, random_values(24, 2), placement);
  };
  const auto refuse = [](const Tensor& a, const Tensor& b, std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kFailure, pieces, [&] { linear(a, b); });
  };
  refuse(x(5), w(), {"[linear] inner sizes differ", "K = 5 of x and 6 of w"});
  refuse(Tensor(), w(), {"x is an empty tensor"});
  refuse(x(6), Tensor(), {"w is an empty tensor"});
  refuse(x(6), x(6), {"w: got tensor", "expected a linear weight", "transposed"});
  refuse(w(), w(), {"x: got linear weight", "expected rows of BFLOAT16"});
  refuse(random_tensor(device, {6}, 1), w(), {"expected [..., M, K]"});
  refuse(x(6), w(Placement::sharded(2)), {"x must be sharded on its last dim"});
  refuse(x(6, Placement::sharded(3)), w(), {"x is sharded on K and w is not", "all_gather"});
  refuse(x(6, Placement::sharded(3)), w(Placement::sharded(3)), {"x is sharded on K and w is not"});
  refuse(x(6, Placement::sharded(2)), w(Placement::sharded(3)), {"x must be replicated"});
  const Tensor partial = linear(x(6, Placement::sharded(3)), w(Placement::sharded(2)));
  refuse(partial, w(), {"x is partial", "all_reduce first"});
  Device other{wormhole_profile(1), 1};
  refuse(random_tensor(other, {1, 6}, 1), w(), {"different devices"});
}

TEST_F(LinearErrors, OfSeveralWeights) {
  const Tensor x = random_tensor(device, {1, 1, 2, 6}, 1);
  const auto w = [&](std::int64_t k, Placement placement = {}) {
    return weight_on_device(device, 4, k, random_values(4 * k, 2), placement);
  };
  const Tensor whole = w(6);
  const Tensor by_columns = w(6, Placement::sharded(3));
  const Tensor longer = w(7);
  const Tensor bias = random_tensor(device, {4}, 3);
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  refuse({"[linear] inner sizes differ", "K = 6 of x and 7 of w"}, [&] { linear(x, {whole, longer}); });
  refuse({"placed differently", "replicated", "sharded on dim 3"}, [&] { linear(x, {whole, by_columns}); });
  refuse({"w is an empty tensor"}, [&] { linear(x, {whole, Tensor()}); });
  refuse({"bias and w are placed differently"}, [&] { linear(x, {by_columns, {by_columns, bias}}); });
  refuse({"one bias for 2 weights", "give it with the weight"}, [&] {
    linear(x, {whole, whole}, {.bias = bias});
  });
  refuse({"no weights: got 0"}, [&] { linear(x, std::initializer_list<LinearWeight>{}); });
}

TEST_F(LinearErrors, OfTheBias) {
  const Tensor x = random_tensor(device, {1, 1, 2, 6}, 1);
  const auto w = [&](Placement placement = {}) {
    return weight_on_device(device, 4, 6, random_values(24, 2), placement);
  };
  const auto bias = [&](Shape shape, Placement placement = {}) {
    return random_tensor(device, shape, 3, placement);
  };
  const auto refuse = [&](const Tensor& weight, const Tensor& added,
                          std::initializer_list<std::string_view> pieces) {
    expect_error(ExitCode::kFailure, pieces, [&] { linear(x, weight, {.bias = added}); });
  };
  refuse(w(), bias({1, 1, 1, 5}), {"[linear] bias: got", "expected [1, 1, 1, 4]"});
  refuse(w(), bias({1, 1, 2, 4}), {"expected [1, 1, 1, 4]"});
  refuse(w(), Tensor(), {"bias is an empty tensor"});
  refuse(w(Placement::sharded(3)), bias({1, 1, 1, 4}), {"placed differently", "shard both by columns"});
  refuse(w(), bias({1, 1, 1, 4}, Placement::sharded(3)), {"placed differently"});
  refuse(w(), w(), {"bias: got linear weight", "expected rows of BFLOAT16"});
  expect_error(ExitCode::kFailure, {"w is sharded on K", "add() it after all_reduce"}, [&] {
    linear(x.placed(Placement::sharded(3)), w(Placement::sharded(2)), {.bias = bias({1, 1, 1, 4})});
  });
}

}  // namespace
}  // namespace ttx::test
