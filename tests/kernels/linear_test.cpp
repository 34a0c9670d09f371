// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <limits>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/reference.hpp"

namespace ttx::test {
namespace {

class Linear : public IsaTest {};
TTX_FOR_EVERY_ISA(Linear);

TEST_P(Linear, EveryRowCountGivesTheReferenceBits) {
  for (std::int64_t m = 1; m <= 40; ++m) {
    const std::int64_t k = 61 + m % 4;
    const int count = 1 << m % 4;
    const LinearCase problem =
        normal_case(m, 33 + m % 32, k, uneven_blocks(k, count, static_cast<std::uint64_t>(m)),
                    100U + static_cast<std::uint64_t>(m));
    EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()))
        << "m " << m << " k " << k << " blocks " << count;
  }
}

TEST_P(Linear, OddSizesAndEveryBlockCount) {
  std::uint64_t seed = 1;
  for (const std::int64_t m : {1, 2, 12, 13}) {
    for (const std::int64_t k : {1, 2, 3, 17, 130, 259}) {
      for (const std::int64_t n : {1, 16, 17, 31, 32, 65, 128}) {
        for (const int count : {1, 2, 4, 8}) {
          ++seed;
          const LinearCase problem = normal_case(m, n, k, uneven_blocks(k, count, seed), seed);
          EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()))
              << "m " << m << " k " << k << " n " << n << " blocks " << count;
        }
      }
    }
  }
}

TEST_P(Linear, Bf16OutputIsTheRoundedSum) {
  for (const std::int64_t m : {1, 7, 25}) {
    const LinearCase problem = normal_case(m, 83, 96, even_blocks(96, 8), 5);
    std::vector<Bf16> expected;
    for (const float value : problem.expected()) {
      expected.push_back(reference::round(value));
    }
    EXPECT_TRUE(same_bits(problem.run_bf16(table()), expected)) << "m " << m;
  }
}

TEST_P(Linear, RowsTogetherAndAloneGiveTheSameBits) {
  const LinearCase problem = normal_case(200, 70, 130, uneven_blocks(130, 8, 3), 6);
  const std::vector<float> together = problem.run(table());
  for (std::int64_t row = 0; row < problem.m; ++row) {
    const auto at = together.begin() + row * problem.n;
    EXPECT_TRUE(same_bits(problem.rows(row, 1).run(table()), {at, at + problem.n})) << "row " << row;
  }
}

TEST_P(Linear, OrderOfBlocksMatters) {
  // The tree and the block cut are visible in the bits: other cuts of the same numbers give others.
  const LinearCase eight = normal_case(3, 64, 256, even_blocks(256, 8), 7);
  for (const int count : {1, 2, 4}) {
    LinearCase other = eight;
    other.blocks = even_blocks(256, count);
    EXPECT_FALSE(same_bits(other.run(table()), eight.run(table()))) << count << " blocks";
  }
}

TEST_P(Linear, ErrorAgainstDouble) {
  // Every product and sum rounds once: at most k + 3 roundings of a partial sum that sum |x w| bounds.
  const std::int64_t k = 1024;
  for (const int count : {1, 8}) {
    const LinearCase problem = normal_case(5, 40, k, even_blocks(k, count), 8);
    const std::vector<float> got = problem.run(table());
    for (std::int64_t i = 0; i < 5 * 40; ++i) {
      double exact = 0.0;
      double bound = 0.0;
      for (std::int64_t j = 0; j < k; ++j) {
        const double term =
            static_cast<double>(reference::widen(problem.x[static_cast<std::size_t>(i / 40 * k + j)])) *
            reference::widen(problem.w[static_cast<std::size_t>(i % 40 * k + j)]);
        exact += term;
        bound += std::fabs(term);
      }
      const double epsilon = static_cast<double>(std::numeric_limits<float>::epsilon()) / 2;
      EXPECT_NEAR(got[static_cast<std::size_t>(i)], exact, bound * epsilon * static_cast<double>(k + 3)) << i;
    }
  }
}

}  // namespace
}  // namespace ttx::test
