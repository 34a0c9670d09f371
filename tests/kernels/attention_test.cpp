// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/kernels/attention_cases.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"

namespace ttx::test {
namespace {

class Attention : public IsaTest {};
TTX_FOR_EVERY_ISA(Attention);

TEST_P(Attention, EveryHeadWidthAndGroup) {
  std::uint64_t seed = 110;
  for (const std::int64_t head_dim : {32, 64, 96, 128, 160, 224, 256}) {
    for (const std::int64_t group : {1, 2, 3, 7}) {
      const AttentionCase problem = normal_attention(5, 60, 2, group, head_dim, ++seed);
      EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()))
          << "head_dim " << head_dim << " group " << group;
    }
  }
}

TEST_P(Attention, DecodeAroundEveryKeyBlockEdge) {
  for (const std::int64_t first :
       {0, 1, 2, 15, 16, 31, 32, 33, 62, 63, 64, 65, 95, 96, 126, 127, 128, 129, 191, 192, 257}) {
    const AttentionCase problem =
        normal_attention(1, first, 2, 2, 64, 120U + static_cast<std::uint64_t>(first));
    EXPECT_TRUE(same_bits(problem.run(table()), problem.expected())) << "position " << first;
  }
}

TEST_P(Attention, PrefillOfEveryLengthAroundTheEdges) {
  for (const std::int64_t rows : {1, 2, 3, 11, 12, 13, 31, 32, 33, 63, 64, 65, 127, 128, 129}) {
    for (const std::int64_t group : {1, 2, 7}) {
      const AttentionCase problem =
          normal_attention(rows, 0, 1, group, 32, 400U + static_cast<std::uint64_t>(rows * 8 + group));
      EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()))
          << "rows " << rows << " group " << group;
    }
  }
}

TEST_P(Attention, ManyOutputsOverSeveralBlocks) {
  // Enough outputs that one contracted multiply-add in the running sum turns a rounding somewhere.
  const AttentionCase problem = normal_attention(150, 170, 2, 3, 256, 130);
  EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()));
}

TEST_P(Attention, TogetherChunkedAndOneByOne) {
  for (const std::int64_t group : {1, 2, 3, 7}) {
    const AttentionCase problem =
        normal_attention(75, 58, 2, group, 64, 140U + static_cast<std::uint64_t>(group));
    const std::vector<Bf16> together = problem.run(table());
    for (const std::int64_t rows : {1, 2, 5, 12, 32, 64}) {
      EXPECT_TRUE(same_bits(problem.run_in_parts(table(), rows, problem.heads()), together))
          << "rows per call " << rows;
    }
    for (const std::int64_t heads : {1, 2, 3, 5}) {
      EXPECT_TRUE(same_bits(problem.run_in_parts(table(), 75, heads), together))
          << "heads per call " << heads;
      EXPECT_TRUE(same_bits(problem.run_in_parts(table(), 1, heads), together))
          << "decode, heads per call " << heads;
    }
  }
}

TEST_P(Attention, StridesOfQueriesAndOutput) {
  // Heads outermost and gaps between rows: the same numbers, the rest untouched.
  const AttentionCase problem = normal_attention(6, 3, 2, 2, 32, 150);
  const Caches caches = write_caches(table(), problem);
  const std::int64_t row_stride = 40;
  const std::int64_t head_stride = 6 * row_stride;
  std::vector<Bf16> q(static_cast<std::size_t>(4 * head_stride));
  std::vector<Bf16> out(q.size(), Bf16{0x1234});
  std::vector<Bf16> expected = out;
  const std::vector<Bf16> plain = problem.run(table());
  for (std::int64_t i = 0; i < 6 * 4 * 32; ++i) {
    const auto at = static_cast<std::size_t>(i / 32 % 4 * head_stride + i / 128 * row_stride + i % 32);
    q[at] = problem.q[static_cast<std::size_t>(i)];
    expected[at] = plain[static_cast<std::size_t>(i)];
  }
  kernels::AttentionCall call{.q = q.data(),
                              .q_row_stride = row_stride,
                              .q_head_stride = head_stride,
                              .rows = 6,
                              .first = 3,
                              .first_head = 0,
                              .last_head = 4,
                              .group = 2,
                              .keys = caches.keys.data(),
                              .values = caches.values.data(),
                              .kv_head_stride = caches.kv_head_stride,
                              .head_dim = 32,
                              .scale = problem.scale,
                              .out = out.data(),
                              .out_row_stride = row_stride,
                              .out_head_stride = head_stride};
  table().attention(call);
  EXPECT_TRUE(same_bits(out, expected));
}

TEST_P(Attention, ErrorAgainstDouble) {
  const AttentionCase problem = normal_attention(9, 200, 2, 2, 128, 160);
  const std::vector<Bf16> got = problem.run(table());
  const auto value = [](const std::vector<Bf16>& of, std::int64_t i) {
    return static_cast<double>(reference::widen(of[static_cast<std::size_t>(i)]));
  };
  for (std::int64_t i = 0; i < 9 * 4; ++i) {
    const std::int64_t plain = i % 4 / 2 * problem.positions() * 128;
    std::vector<double> weights;
    double score_error = 0.0;
    for (std::int64_t j = 0; j <= 200 + i / 4; ++j) {
      double score = 0.0;
      double size = 0.0;
      for (std::int64_t d = 0; d < 128; ++d) {
        const double term = value(problem.q, i * 128 + d) * value(problem.keys, plain + j * 128 + d);
        score += term;
        size += std::fabs(term);
      }
      weights.push_back(std::exp(score * problem.scale));
      score_error = std::fmax(score_error, size * problem.scale * 131 * 0x1p-24);
    }
    double total = 0.0;
    for (const double weight : weights) {
      total += weight;
    }
    for (std::int64_t d = 0; d < 128; ++d) {
      double exact = 0.0;
      double size = 0.0;
      for (std::size_t j = 0; j < weights.size(); ++j) {
        const double term =
            weights[j] / total * value(problem.values, plain + static_cast<std::int64_t>(j) * 128 + d);
        exact += term;
        size += std::fabs(term);
      }
      // Each weight is off by half a unit of bf16 and by what its score is off; so is their sum, at most as
      // much; the fp32 sums add a rounding per key; the result is rounded to bf16.
      const double weight_error = 0x1p-8 + score_error + 0x1p-21;
      const double sums_error = static_cast<double>(2 * weights.size()) * 0x1p-24;
      ASSERT_NEAR(value(got, i * 128 + d), exact,
                  (2 * weight_error + sums_error) * size + std::fabs(exact) * 0x1p-8);
    }
  }
}

}  // namespace
}  // namespace ttx::test
