// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

class LinearEdges : public IsaTest {};
TTX_FOR_EVERY_ISA(LinearEdges);

template <class Draw>
LinearCase drawn_case(std::int64_t m, std::int64_t n, std::int64_t k, int blocks, const Draw& draw) {
  LinearCase made{.m = m, .n = n, .k = k, .blocks = uneven_blocks(k, blocks, 11), .x = {}, .w = {}};
  made.x = Samples::vector(m * k, draw);
  made.w = Samples::vector(n * k, draw);
  return made;
}

TEST_P(LinearEdges, ValuesBesideUnderflow) {
  Samples samples(21);
  bool some_flushed = false;
  bool some_tiny = false;
  for (const std::int64_t m : {1, 2, 11, 12, 14}) {
    for (const std::int64_t k : {2, 3, 6, 33}) {
      for (const int blocks : {1, 8}) {
        const LinearCase problem = drawn_case(m, 95, k, blocks, [&] { return samples.beside_underflow(); });
        const std::vector<float> expected = problem.expected();
        EXPECT_TRUE(same_bits(problem.run(table()), expected))
            << "m " << m << " k " << k << " blocks " << blocks;
        for (const float value : expected) {
          some_flushed = some_flushed || bits_of(value) == bits_of(-0.0F);
          some_tiny = some_tiny || (value != 0.0F && std::fabs(value) < 0x1p-120F);
        }
      }
    }
  }
  EXPECT_TRUE(some_flushed);
  EXPECT_TRUE(some_tiny);
}

TEST_P(LinearEdges, InfinitiesAndNans) {
  Samples samples(22);
  for (const std::int64_t m : {1, 5, 12}) {
    const LinearCase sparse = drawn_case(m, 70, 9, 2, [&] {
      return samples.next() % 16 == 0 ? samples.any_bits() : reference::round(samples.normal());
    });
    EXPECT_TRUE(same_bits(sparse.run(table()), sparse.expected())) << "m " << m;
    std::vector<Bf16> rounded;
    for (const float value : sparse.expected()) {
      rounded.push_back(reference::round(value));
    }
    EXPECT_TRUE(same_bits(sparse.run_bf16(table()), rounded)) << "m " << m;
    const LinearCase wild = drawn_case(m, 70, 3, 1, [&] { return samples.any_bits(); });
    EXPECT_TRUE(same_bits(wild.run(table()), wild.expected())) << "m " << m;
  }
}

TEST_P(LinearEdges, OddHalfOfTheLastPairIsNotRead) {
  // A NaN stands where the odd half would be: right behind the row.
  LinearCase problem = normal_case(1, 32, 5, uneven_blocks(5, 1, 1), 23);
  LinearCase::Packed ready = problem.packed(table());
  std::vector<Bf16> row = problem.x;
  row.push_back({0x7FC0});
  ready.call.x = row.data();
  std::vector<float> out(32);
  ready.call.out_f32 = out.data();
  table().linear(ready.call);
  EXPECT_TRUE(same_bits(out, problem.expected()));
}

TEST_P(LinearEdges, WritesOnlyItsPanelsAndRealColumns) {
  const std::int64_t stride = 110;
  for (const std::int64_t m : {1, 4, 13}) {
    for (const std::int64_t n : {65, 80, 95, 96}) {
      const LinearCase problem = normal_case(m, n, 24, uneven_blocks(24, 2, 4), 24);
      const std::vector<float> expected = problem.expected();
      LinearCase::Packed ready = problem.packed(table());
      for (const bool wide : {true, false}) {
        std::vector<float> out(static_cast<std::size_t>(m * stride), -7.0F);
        std::vector<Bf16> out_bf16(static_cast<std::size_t>(m * stride), Bf16{0x1234});
        ready.call.out_stride = stride;
        ready.call.first_panel = 1;
        ready.call.last_panel = kernels::panel_count(n);
        ready.call.out_f32 = wide ? out.data() : nullptr;
        ready.call.out_bf16 = wide ? nullptr : out_bf16.data();
        table().linear(ready.call);
        for (std::int64_t i = 0; i < m * stride; ++i) {
          const bool inside = i % stride >= 32 && i % stride < n;
          const std::size_t at = static_cast<std::size_t>(i);
          const float sum = inside ? expected[static_cast<std::size_t>(i / stride * n + i % stride)] : -7.0F;
          if (wide) {
            ASSERT_EQ(bits_of(out[at]), bits_of(sum)) << "m " << m << " n " << n << " at " << i;
          } else {
            ASSERT_EQ(out_bf16[at], inside ? reference::round(sum) : Bf16{0x1234})
                << "m " << m << " n " << n << " at " << i;
          }
        }
      }
    }
  }
}

TEST_P(LinearEdges, NothingToDo) {
  const LinearCase problem = normal_case(2, 32, 8, uneven_blocks(8, 1, 1), 25);
  LinearCase::Packed ready = problem.packed(table());
  std::vector<float> out(64, -7.0F);
  ready.call.out_f32 = out.data();
  ready.call.last_panel = 0;
  table().linear(ready.call);
  EXPECT_TRUE(same_bits(out, std::vector<float>(64, -7.0F)));
}

}  // namespace
}  // namespace ttx::test
