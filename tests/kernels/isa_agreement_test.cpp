// SPDX-License-Identifier: Apache-2.0
// Shapes too large for the slow reference: the instruction sets against each other.
#include "tests/kernels/attention_cases.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"

namespace ttx::test {
namespace {

using kernels::Isa;

class IsaAgreement : public IsaTest {
 protected:
  static const kernels::Table& generic() { return kernels::table(Isa::kGeneric); }
};
INSTANTIATE_TEST_SUITE_P(Isa, IsaAgreement, testing::Values(Isa::kAvx2, Isa::kAvx512, Isa::kAvx512Bf16),
                         isa_parameter_name);

TEST_P(IsaAgreement, LinearOfModelWidths) {
  for (const std::int64_t m : {1, 2, 3, 13, 40}) {
    for (const std::int64_t k : {1024, 3072}) {
      for (const int blocks : {1, 8}) {
        const LinearCase problem =
            normal_case(m, 96, k, even_blocks(k, blocks), static_cast<std::uint64_t>(m * k + blocks));
        EXPECT_TRUE(same_bits(problem.run(table()), problem.run(generic()))) << "m " << m << " k " << k;
      }
    }
  }
}

TEST_P(IsaAgreement, LinearOfManyRows) {
  // More rows than a chunk of tiles takes together.
  const LinearCase problem = normal_case(437, 70, 160, even_blocks(160, 8), 501);
  EXPECT_TRUE(same_bits(problem.run(table()), problem.run(generic())));
}

TEST_P(IsaAgreement, AttentionOverLongCaches) {
  const AttentionCase decode = normal_attention(1, 3000, 2, 2, 128, 502);
  EXPECT_TRUE(same_bits(decode.run(table()), decode.run(generic())));
  const AttentionCase prefill = normal_attention(300, 0, 2, 2, 128, 503);
  EXPECT_TRUE(same_bits(prefill.run(table()), prefill.run(generic())));
  const AttentionCase chunk = normal_attention(50, 333, 1, 7, 64, 504);
  EXPECT_TRUE(same_bits(chunk.run(table()), chunk.run(generic())));
  AttentionCase window = normal_attention(200, 900, 1, 5, 128, 505);
  window.window = 512;
  window.soft_cap = 50.0F;
  EXPECT_TRUE(same_bits(window.run(table()), window.run(generic())));
}

}  // namespace
}  // namespace ttx::test
