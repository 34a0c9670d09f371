// SPDX-License-Identifier: Apache-2.0
// The bits of every op for fixed inputs, as numbers in this file: an order, a rounding or a polynomial that
// changes turns these red, on any machine, even when every instruction set changes with it.
#include "tests/kernels/attention_cases.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using namespace kernels;

class Golden : public IsaTest {};
TTX_FOR_EVERY_ISA(Golden);

/// FNV-1a over the values' bits, the low byte first.
template <class T>
std::uint64_t hash(const std::vector<T>& values) {
  std::uint64_t state = 0xCBF29CE484222325U;
  for (const T value : values) {
    for (std::size_t byte = 0; byte < sizeof(T); ++byte) {
      state = (state ^ (bits_of(value) >> (8 * byte) & 0xFFU)) * 0x100000001B3U;
    }
  }
  return state;
}

TEST_P(Golden, Linear) {
  EXPECT_EQ(hash(normal_case(1, 70, 333, uneven_blocks(333, 8, 601), 601).run(table())), 0x52EBC18C4B92EDECU);
  EXPECT_EQ(hash(normal_case(17, 70, 256, even_blocks(256, 8), 602).run(table())), 0xAF9504A8DA1A19AAU);
  EXPECT_EQ(hash(normal_case(17, 70, 256, even_blocks(256, 1), 602).run(table())), 0x000BA656AE62AEBAU);
}

TEST_P(Golden, Attention) {
  EXPECT_EQ(hash(normal_attention(1, 200, 2, 2, 128, 603).run(table())), 0x17FFCC74BEE34B99U);
  EXPECT_EQ(hash(normal_attention(90, 20, 2, 3, 64, 604).run(table())), 0xE7E8DB20B85A716AU);
  AttentionCase window = normal_attention(90, 20, 2, 3, 64, 604);
  window.window = 33;
  window.soft_cap = 8.0F;
  EXPECT_EQ(hash(window.run(table())), 0xBF15A4571D7B6512U);
}

TEST_P(Golden, Exponential) {
  Samples samples(605);
  std::vector<float> x(20000);
  for (float& value : x) {
    value = samples.uniform() * 90.0F;
  }
  std::vector<float> out(x.size());
  table().exponential(x.data(), static_cast<std::int64_t>(x.size()), out.data());
  EXPECT_EQ(hash(out), 0xF72D9E0A4F29C8F0U);
}

TEST_P(Golden, RowOps) {
  Samples samples(606);
  const std::vector<Bf16> x = samples.normal_vector(40 * 100);
  const std::vector<Bf16> y = samples.normal_vector(40 * 100);
  std::vector<Bf16> out(x.size());
  table().rms_norm(
      {.x = x.data(), .rows = 40, .width = 100, .weight = y.data(), .epsilon = 1e-6F, .out = out.data()});
  EXPECT_EQ(hash(out), 0x69E8CCCE32E5EC43U) << "rms_norm";
  table().rotary({.x = x.data(),
                  .count = 40,
                  .width = 100,
                  .cos = y.data(),
                  .sin = x.data(),
                  .table_stride = 100,
                  .out = out.data()});
  EXPECT_EQ(hash(out), 0xB0A562757237D8C7U) << "rotary";
  table().silu({.a = x.data(), .b = nullptr, .count = 4000, .out = out.data()});
  EXPECT_EQ(hash(out), 0x73A816D1D14D8A8EU) << "silu";
  table().gelu_tanh({.a = x.data(), .count = 4000, .out = out.data()});
  EXPECT_EQ(hash(out), 0x017F407FA52E6023U) << "gelu_tanh";
  table().gelu_erf({.a = x.data(), .count = 4000, .out = out.data()});
  EXPECT_EQ(hash(out), 0x56D63126D9E9F28DU) << "gelu_erf";
  table().tanh({.a = x.data(), .count = 4000, .out = out.data()});
  EXPECT_EQ(hash(out), 0xF64872669FBFD623U) << "tanh";
  table().mul({.a = x.data(), .b = y.data(), .count = 4000, .out = out.data()});
  EXPECT_EQ(hash(out), 0xE5878CD6EE1EFB90U) << "mul";
  table().add({.a = x.data(), .b = y.data(), .count = 4000, .out = out.data()});
  EXPECT_EQ(hash(out), 0xA4F430AA4820FF25U) << "add";
}

TEST_P(Golden, TreeSum) {
  Samples samples(607);
  std::vector<float> values(11 * 500);
  std::vector<const float*> parts;
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = samples.normal();
    if (i % 500 == 0) {
      parts.push_back(&values[i]);
    }
  }
  std::vector<float> out(500);
  table().tree_sum(
      {.parts = parts.data(), .count = 11, .n = 500, .out_f32 = out.data(), .out_bf16 = nullptr});
  EXPECT_EQ(hash(out), 0x64EA0AE7AFA8E1D0U);
}

}  // namespace
}  // namespace ttx::test
