// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

class LinearBias : public IsaTest {};
TTX_FOR_EVERY_ISA(LinearBias);

/// The sums of a problem, plus the bias of their column.
std::vector<float> plus_bias(const LinearCase& problem, const std::vector<Bf16>& bias) {
  std::vector<float> out = problem.expected();
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = reference::sum(out[i], reference::widen(bias[i % static_cast<std::size_t>(problem.n)]));
  }
  return out;
}

void expect_bias_added(const kernels::Table& table, const LinearCase& problem,
                       const std::vector<Bf16>& bias) {
  const std::vector<float> expected = plus_bias(problem, bias);
  std::vector<Bf16> rounded;
  for (const float value : expected) {
    rounded.push_back(reference::round(value));
  }
  LinearCase::Packed ready = problem.packed(table);
  ready.call.bias = bias.data();
  std::vector<float> wide(expected.size(), -7.0F);
  ready.call.out_f32 = wide.data();
  table.linear(ready.call);
  EXPECT_TRUE(same_bits(wide, expected)) << "m " << problem.m << " n " << problem.n;
  std::vector<Bf16> narrow(expected.size(), Bf16{0x1234});
  ready.call.out_f32 = nullptr;
  ready.call.out_bf16 = narrow.data();
  table.linear(ready.call);
  EXPECT_TRUE(same_bits(narrow, rounded)) << "m " << problem.m << " n " << problem.n;
}

TEST_P(LinearBias, IsAddedToTheSumBeforeTheRounding) {
  std::uint64_t seed = 700;
  for (const std::int64_t m : {1, 2, 3, 5, 7, 11, 12, 13, 25, 40}) {
    for (const std::int64_t n : {1, 15, 16, 17, 31, 32, 33, 65, 96}) {
      const int blocks = 1 << seed % 4;
      ++seed;
      const LinearCase problem = normal_case(m, n, 37, uneven_blocks(37, blocks, seed), seed);
      expect_bias_added(table(), problem, Samples(seed).normal_vector(n, 3.0F));
    }
  }
}

TEST_P(LinearBias, OfAnyBits) {
  Samples samples(701);
  for (const std::int64_t m : {1, 4, 13}) {
    const LinearCase problem = normal_case(m, 70, 8, uneven_blocks(8, 1, 1), 702);
    expect_bias_added(table(), problem, Samples::vector(70, [&] { return samples.any_bits(); }));
    expect_bias_added(table(), problem, Samples::vector(70, [&] { return samples.beside_underflow(); }));
  }
}

TEST_P(LinearBias, OfSomePanels) {
  const LinearCase problem = normal_case(4, 96, 16, uneven_blocks(16, 1, 1), 703);
  const std::vector<Bf16> bias = Samples(703).normal_vector(96);
  const std::vector<float> whole = plus_bias(problem, bias);
  LinearCase::Packed ready = problem.packed(table());
  ready.call.bias = bias.data();
  ready.call.first_panel = 1;
  ready.call.last_panel = 2;
  std::vector<float> out(whole.size(), -7.0F);
  ready.call.out_f32 = out.data();
  table().linear(ready.call);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    EXPECT_EQ(out[i], i % 96 / 32 == 1 ? whole[i] : -7.0F) << i;
  }
}

}  // namespace
}  // namespace ttx::test
