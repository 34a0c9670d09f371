// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "tests/kernels/attention_cases.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

class AttentionEdges : public IsaTest {};
TTX_FOR_EVERY_ISA(AttentionEdges);

constexpr Bf16 kNan{0x7FC0};
constexpr Bf16 kInf{0x7F80};

/// The outputs of rows [first, last) of a result.
std::vector<Bf16> row_range(const AttentionCase& problem, const std::vector<Bf16>& all, std::int64_t first,
                            std::int64_t last) {
  const std::int64_t row = problem.heads() * problem.head_dim;
  return {all.begin() + first * row, all.begin() + last * row};
}

TEST_P(AttentionEdges, StaleRowsNeverLeak) {
  // The caches of every case hold NaNs and infinities behind the last position.
  for (std::int64_t first = 0; first < 70; ++first) {
    const AttentionCase problem =
        normal_attention(3, first, 1, 2, 32, 200U + static_cast<std::uint64_t>(first));
    for (const Bf16 value : problem.run(table())) {
      ASSERT_TRUE(std::isfinite(reference::widen(value))) << first;
    }
  }
}

TEST_P(AttentionEdges, APositionChangesNoEarlierRow) {
  // Live NaNs and infinities in a later position's key and value: the rows before it, in the same tile, do
  // not see them.
  for (const std::int64_t at : {1, 2, 5, 6, 12, 40, 63, 64, 69}) {
    const AttentionCase clean = normal_attention(70, 0, 1, 2, 64, 300U + static_cast<std::uint64_t>(at));
    const std::vector<Bf16> expected = clean.run(table());
    for (const Bf16 poison : {kNan, kInf}) {
      AttentionCase poisoned = clean;
      std::fill_n(poisoned.keys.begin() + at * 64, 64, poison);
      std::fill_n(poisoned.values.begin() + at * 64, 64, poison);
      const std::vector<Bf16> got = poisoned.run(table());
      EXPECT_TRUE(same_bits(row_range(clean, got, 0, at), row_range(clean, expected, 0, at))) << at;
      EXPECT_TRUE(same_bits(got, poisoned.expected())) << at;
      EXPECT_EQ(row_range(clean, got, at, at + 1)[0], kNan) << at;
    }
  }
}

TEST_P(AttentionEdges, ANanValueReachesItsColumnOnly) {
  AttentionCase problem = normal_attention(40, 0, 1, 1, 32, 310);
  problem.values[10 * 32 + 7] = kNan;
  const std::vector<Bf16> got = problem.run(table());
  for (std::int64_t i = 0; i < 40 * 32; ++i) {
    EXPECT_EQ(got[static_cast<std::size_t>(i)] == kNan, i / 32 >= 10 && i % 32 == 7) << i;
  }
  EXPECT_TRUE(same_bits(got, problem.expected()));
}

TEST_P(AttentionEdges, ScoresThatOverflow) {
  for (const Bf16 huge : {Bf16{0x7F7F}, Bf16{0xFF7F}, kInf, kNan}) {
    for (const std::int64_t at : {0, 3, 66}) {
      AttentionCase problem = normal_attention(80, 0, 1, 2, 32, 320);
      std::fill_n(problem.keys.begin() + at * 32, 32, huge);
      EXPECT_TRUE(same_bits(problem.run(table()), problem.expected())) << huge.bits << " at " << at;
    }
  }
}

TEST_P(AttentionEdges, ScoresFarApart) {
  // Weights that underflow to zero, sums rescaled by zero, and back.
  for (const float scale : {40.0F, 1000.0F, 1e-30F, 0.0F, -3.0F}) {
    AttentionCase problem = normal_attention(20, 180, 1, 2, 32, 330);
    problem.scale = scale;
    EXPECT_TRUE(same_bits(problem.run(table()), problem.expected())) << scale;
  }
}

TEST_P(AttentionEdges, ValuesBesideUnderflowAndNegativeZeros) {
  Samples samples(340);
  AttentionCase problem = normal_attention(30, 100, 1, 2, 32, 341);
  for (std::vector<Bf16>* part : {&problem.q, &problem.keys, &problem.values}) {
    std::generate(part->begin(), part->end(), [&] { return samples.beside_underflow(); });
  }
  EXPECT_TRUE(same_bits(problem.run(table()), problem.expected()));
  AttentionCase tiny = normal_attention(30, 100, 1, 2, 32, 342);
  for (Bf16& value : tiny.values) {
    value = reference::round(reference::widen(value) * 0x1p-124F);
  }
  EXPECT_TRUE(same_bits(tiny.run(table()), tiny.expected()));
  EXPECT_TRUE(same_bits(tiny.run_in_parts(table(), 1, 1), tiny.expected()));
}

TEST_P(AttentionEdges, OneKeyIsItsValue) {
  const AttentionCase problem = normal_attention(1, 0, 3, 2, 96, 350);
  const std::vector<Bf16> got = problem.run(table());
  for (std::int64_t i = 0; i < 6 * 96; ++i) {
    EXPECT_EQ(got[static_cast<std::size_t>(i)],
              problem.values[static_cast<std::size_t>(i / 192 * 96 + i % 96)]);
  }
}

}  // namespace
}  // namespace ttx::test
