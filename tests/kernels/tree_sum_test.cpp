// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using kernels::Bf16;

class TreeSum : public IsaTest {};
TTX_FOR_EVERY_ISA(TreeSum);

struct Parts {
  std::vector<std::vector<float>> values;
  std::vector<const float*> pointers;

  Parts(std::size_t count, std::size_t n, std::uint64_t seed) : values(count, std::vector<float>(n)) {
    Samples samples(seed);
    for (std::vector<float>& part : values) {
      for (float& value : part) {
        value = samples.normal();
      }
      pointers.push_back(part.data());
    }
  }
  std::vector<float> expected() const {
    std::vector<float> sums;
    for (std::size_t i = 0; i < values[0].size(); ++i) {
      std::vector<float> column;
      for (const std::vector<float>& part : values) {
        column.push_back(part[i]);
      }
      sums.push_back(reference::tree(column) + 0.0F);
    }
    return sums;
  }
};

TEST_P(TreeSum, EveryCount) {
  for (int count = 1; count <= 64; ++count) {
    const std::size_t n = 29 + static_cast<std::size_t>(count) % 7;
    const Parts parts(static_cast<std::size_t>(count), n, static_cast<std::uint64_t>(count));
    std::vector<float> out(n);
    std::vector<Bf16> narrow(n);
    const auto size = static_cast<std::int64_t>(n);
    table().tree_sum({.parts = parts.pointers.data(),
                      .count = count,
                      .n = size,
                      .out_f32 = out.data(),
                      .out_bf16 = nullptr});
    table().tree_sum({.parts = parts.pointers.data(),
                      .count = count,
                      .n = size,
                      .out_f32 = nullptr,
                      .out_bf16 = narrow.data()});
    EXPECT_TRUE(same_bits(out, parts.expected())) << count;
    std::vector<Bf16> rounded;
    for (const float value : parts.expected()) {
      rounded.push_back(reference::round(value));
    }
    EXPECT_TRUE(same_bits(narrow, rounded)) << count;
  }
}

TEST_P(TreeSum, SevenIsFourAndTwoAndOne) {
  const Parts parts(7, 1, 91);
  const auto v = [&](std::size_t i) { return parts.values[i][0]; };
  const float expected = ((v(0) + v(1)) + (v(2) + v(3))) + ((v(4) + v(5)) + v(6));
  float out = 0.0F;
  table().tree_sum(
      {.parts = parts.pointers.data(), .count = 7, .n = 1, .out_f32 = &out, .out_bf16 = nullptr});
  EXPECT_EQ(bits_of(out), bits_of(expected));
}

TEST_P(TreeSum, EveryLengthIntoOneOfTheParts) {
  for (std::size_t n = 0; n < 50; ++n) {
    for (const std::size_t into : {0U, 3U, 7U}) {
      Parts parts(8, 50, 92 + n);
      std::vector<float> expected = parts.expected();
      std::copy(parts.values[into].begin() + static_cast<std::ptrdiff_t>(n), parts.values[into].end(),
                expected.begin() + static_cast<std::ptrdiff_t>(n));
      table().tree_sum({.parts = parts.pointers.data(),
                        .count = 8,
                        .n = static_cast<std::int64_t>(n),
                        .out_f32 = parts.values[into].data(),
                        .out_bf16 = nullptr});
      EXPECT_TRUE(same_bits(parts.values[into], expected)) << n << " into " << into;
    }
  }
}

TEST_P(TreeSum, SumsThatUnderflowAreFlushed) {
  Parts parts(2, 3, 93);
  parts.values[0] = {0x1.8p-126F, -0x1.8p-126F, 0x1p-127F};
  parts.values[1] = {-0x1p-126F, 0x1p-126F, 0x1p-126F};
  std::vector<float> out(3);
  table().tree_sum(
      {.parts = parts.pointers.data(), .count = 2, .n = 3, .out_f32 = out.data(), .out_bf16 = nullptr});
  EXPECT_TRUE(same_bits(out, {0.0F, 0.0F, 0x1p-126F}));
}

}  // namespace
}  // namespace ttx::test
