// SPDX-License-Identifier: Apache-2.0
// Sliding windows and soft caps.
#include <algorithm>
#include <cmath>

#include "tests/kernels/attention_cases.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"

namespace ttx::test {
namespace {

class AttentionWindow : public IsaTest {};
TTX_FOR_EVERY_ISA(AttentionWindow);

AttentionCase windowed(AttentionCase problem, std::int64_t window, float soft_cap = 0.0F) {
  problem.window = window;
  problem.soft_cap = soft_cap;
  return problem;
}

TEST_P(AttentionWindow, EveryWindowAroundTheEdges) {
  for (const std::int64_t window : {1, 2, 3, 11, 12, 13, 31, 32, 33, 63, 64, 65, 66, 127, 128, 129, 1000}) {
    for (const std::int64_t group : {1, 2, 7}) {
      const AttentionCase problem = windowed(
          normal_attention(40, 100, 1, group, 32, 800U + static_cast<std::uint64_t>(window)), window);
      EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()))
          << "window " << window << " group " << group;
    }
  }
}

TEST_P(AttentionWindow, DecodeAtEveryPosition) {
  for (std::int64_t first = 0; first < 200; first += 1 + first / 70) {
    for (const std::int64_t window : {1, 6, 65}) {
      const AttentionCase problem =
          windowed(normal_attention(1, first, 1, 3, 96, 900U + static_cast<std::uint64_t>(first)), window);
      EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()))
          << "position " << first << " window " << window;
    }
  }
}

TEST_P(AttentionWindow, TogetherChunkedAndOneByOne) {
  for (const std::int64_t group : {1, 3, 7}) {
    for (const std::int64_t window : {5, 30, 70}) {
      const AttentionCase problem = windowed(
          normal_attention(75, 58, 2, group, 64, 140U + static_cast<std::uint64_t>(group)), window, 20.0F);
      const std::vector<Bf16> together = problem.run(table());
      EXPECT_TRUE(same_bits(together, problem.expected())) << "group " << group << " window " << window;
      for (const std::int64_t rows : {1, 2, 5, 12, 64}) {
        EXPECT_TRUE(same_bits(problem.run_in_parts(table(), rows, problem.heads()), together)) << rows;
        EXPECT_TRUE(same_bits(problem.run_in_parts(table(), rows, 1), together)) << rows;
      }
    }
  }
}

TEST_P(AttentionWindow, AsLongAsTheSequenceIsNone) {
  const AttentionCase whole = normal_attention(30, 90, 2, 2, 64, 810);
  EXPECT_TRUE(same_bits(windowed(whole, 120).run(table()), whole.run(table())));
  EXPECT_FALSE(same_bits(windowed(whole, 119).run(table()), whole.run(table())));
}

TEST_P(AttentionWindow, OneKeyIsItsValue) {
  const AttentionCase problem = windowed(normal_attention(70, 0, 1, 1, 32, 811), 1);
  EXPECT_TRUE(same_bits(problem.run(table()), problem.values));
}

TEST_P(AttentionWindow, WhatTheWindowLeavesIsNeverRead) {
  // NaNs and infinities in keys and values that no row sees any more, up to the edge.
  for (const std::int64_t window : {1, 2, 9, 10, 63, 64, 65}) {
    const AttentionCase clean = windowed(normal_attention(9, 150, 1, 2, 64, 820), window);
    AttentionCase poisoned = clean;
    const std::int64_t unseen = 150 - window + 1;
    std::fill_n(poisoned.keys.begin(), unseen * 64, Bf16{0x7FC0});
    std::fill_n(poisoned.values.begin(), unseen * 64, Bf16{0x7F80});
    EXPECT_TRUE(same_bits(poisoned.run(table()), clean.run(table()))) << window;
  }
}

TEST_P(AttentionWindow, ANanLeavesWithTheWindow) {
  AttentionCase problem = windowed(normal_attention(40, 0, 1, 1, 32, 821), 7);
  std::fill_n(problem.values.begin() + 10 * 32, 32, Bf16{0x7FC0});
  const std::vector<Bf16> got = problem.run(table());
  for (std::int64_t row = 0; row < 40; ++row) {
    EXPECT_EQ(got[static_cast<std::size_t>(row * 32)] == Bf16{0x7FC0}, row >= 10 && row < 17) << row;
  }
  EXPECT_TRUE(same_bits(got, problem.expected()));
}

TEST_P(AttentionWindow, SoftCap) {
  for (const float soft_cap : {0.5F, 30.0F, 50.0F, 1e-3F, 1e30F}) {
    for (const std::int64_t group : {1, 7}) {
      const AttentionCase problem = windowed(normal_attention(20, 60, 1, group, 128, 830), 0, soft_cap);
      EXPECT_TRUE(same_bits(problem.run(table()), problem.expected())) << soft_cap;
      EXPECT_TRUE(same_bits(problem.run_in_parts(table(), 1, 1), problem.expected())) << soft_cap;
    }
  }
}

TEST_P(AttentionWindow, SoftCapBoundsHugeScores) {
  AttentionCase problem = windowed(normal_attention(20, 60, 1, 2, 32, 831), 0, 5.0F);
  problem.scale = 1e30F;
  const std::vector<Bf16> got = problem.run(table());
  EXPECT_TRUE(same_bits(got, problem.expected()));
  for (const Bf16 value : got) {
    EXPECT_TRUE(std::isfinite(reference::widen(value)));
  }
}

}  // namespace
}  // namespace ttx::test
