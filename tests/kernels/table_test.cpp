// SPDX-License-Identifier: Apache-2.0
#include <xmmintrin.h>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using namespace kernels;

TEST(Table, NamesAreReadBack) {
  for (const Isa isa : kEveryIsa) {
    EXPECT_EQ(isa_from_name(isa_name(isa)), isa);
    if (isa_supported(isa)) {
      EXPECT_EQ(kernels::table(isa).isa, isa);
    }
  }
  EXPECT_EQ(isa_from_name("avx1024"), std::nullopt);
  EXPECT_EQ(isa_from_name(""), std::nullopt);
}

TEST(Table, BestUntilChosen) {
  EXPECT_TRUE(isa_supported(Isa::kGeneric));
  Isa best = Isa::kGeneric;
  for (const Isa isa : {Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16}) {
    best = isa_supported(isa) ? isa : best;
  }
  EXPECT_EQ(active().isa, best);
  select(Isa::kGeneric);
  EXPECT_EQ(active().isa, Isa::kGeneric);
  select(best);
  EXPECT_EQ(active().isa, best);
}

class FloatingPointMode : public IsaTest {};
TTX_FOR_EVERY_ISA(FloatingPointMode);

TEST_P(FloatingPointMode, IsTheKernelsOwnAndGivenBack) {
  const LinearCase problem = normal_case(3, 40, 50, uneven_blocks(50, 2, 1), 95);
  Samples samples(96);
  const std::vector<Bf16> a = Samples::vector(100, [&] { return samples.beside_underflow(); });
  const std::vector<Bf16> b = Samples::vector(100, [&] { return samples.beside_underflow(); });
  const auto run = [&] {
    std::vector<Bf16> out(100);
    table().mul({.a = a.data(), .b = b.data(), .count = 100, .out = out.data()});
    return out;
  };
  const unsigned usual = _mm_getcsr();
  const std::vector<float> linear_usual = problem.run(table());
  const std::vector<Bf16> mul_usual = run();
  EXPECT_EQ(_mm_getcsr() & 0xFFC0U, usual & 0xFFC0U);
  const unsigned upward = 0x1F80U | 0x4000U;
  _mm_setcsr(upward);
  const std::vector<float> linear_upward = problem.run(table());
  const std::vector<Bf16> mul_upward = run();
  const unsigned after = _mm_getcsr();
  _mm_setcsr(usual);
  EXPECT_EQ(after & 0xFFC0U, upward);
  EXPECT_TRUE(same_bits(linear_upward, linear_usual));
  EXPECT_TRUE(same_bits(mul_upward, mul_usual));
}

}  // namespace
}  // namespace ttx::test
