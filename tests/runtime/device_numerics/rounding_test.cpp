// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/rounding.hpp"

#include "runtime/device_numerics/fidelity.hpp"
#include "runtime/device_numerics/hop_sum.hpp"
#include "tests/runtime/device_numerics/vectors.hpp"

namespace ttx::test {
namespace {

template <class Function>
std::vector<float> map(const std::vector<float>& values, Function function) {
  std::vector<float> results;
  for (const float value : values) {
    results.push_back(function(value));
  }
  return results;
}

TEST(DeviceRounding, OfThePackerAndOfDst) {
  const std::vector<float> x = f32_vector("rounding.x");
  std::vector<bfloat16> packed;
  for (const float value : x) {
    packed.push_back(device_numerics::packed(value));
  }
  expect_vector(packed, "rounding.packed");
  expect_same_bits(map(x, [](float v) { return device_numerics::to_dest(v, false); }),
                   f32_vector("rounding.dest_bf16"), "Dst of bfloat16");
  expect_same_bits(map(x, [](float v) { return device_numerics::to_dest(v, true); }),
                   f32_vector("rounding.dest_fp32"), "Dst of fp32");
}

TEST(DeviceRounding, TiesGoAwayFromZeroAndTwice) {
  // 1 + 2^-8 is a tie of bfloat16, and what TF32 makes of 1 + 2^-8 - 2^-11 is that tie.
  EXPECT_EQ(to_float(device_numerics::packed(1.0F + 0x1p-8F)), 1.0F + 0x1p-7F);
  EXPECT_EQ(to_float(device_numerics::packed(-1.0F - 0x1p-8F)), -1.0F - 0x1p-7F);
  EXPECT_EQ(to_float(device_numerics::packed(1.0F + 0x1p-8F - 0x1p-11F)), 1.0F);
  EXPECT_EQ(device_numerics::to_dest(1.0F + 0x1p-8F - 0x1p-11F, false), 1.0F + 0x1p-7F);
}

TEST(DeviceFidelity, PartsOfSpecialValues) {
  std::vector<float> high0;
  std::vector<float> low0;
  std::vector<float> high1;
  std::vector<float> low1;
  for (const bfloat16 x : bf16_vector("parts.x")) {
    const device_numerics::Parts of0 = device_numerics::operand0_parts(x);
    const device_numerics::Parts of1 = device_numerics::operand1_parts(x);
    high0.push_back(of0.high);
    low0.push_back(of0.low);
    high1.push_back(of1.high);
    low1.push_back(of1.low);
  }
  expect_same_bits(high0, f32_vector("parts.high0"), "activations, high");
  expect_same_bits(low0, f32_vector("parts.low0"), "activations, low");
  expect_same_bits(high1, f32_vector("parts.high1"), "weights, high");
  expect_same_bits(low1, f32_vector("parts.low1"), "weights, low");
}

TEST(DeviceFidelity, PhasesAreThoseOfTheTable) {
  using namespace device_numerics;
  EXPECT_EQ(phase_count(MathFidelity::LoFi), 1);
  EXPECT_EQ(phase_count(MathFidelity::HiFi4), 4);
  EXPECT_FALSE(takes_low_operand0(1));
  EXPECT_TRUE(takes_low_operand1(1));
  EXPECT_TRUE(takes_low_operand0(2));
  EXPECT_FALSE(takes_low_operand1(2));
}

TEST(DeviceHopSum, OfTwoFourAndEightTerms) {
  for (const int devices : {2, 4, 8}) {
    for (const char* const kind : {"slices", "gathered"}) {
      const std::string name = std::string("hops.") + kind + "." + std::to_string(devices);
      const std::vector<bfloat16> values = bf16_vector(name + ".terms");
      const Shape shape = vector_of(name + ".sum").shape();
      const std::size_t count = at(shape.volume());
      std::vector<const bfloat16*> terms;
      for (int device = 0; device < devices; ++device) {
        terms.push_back(values.data() + at(device) * count);
      }
      const auto slices = device_numerics::line_slices(shape, devices);
      EXPECT_EQ(slices.has_value(), kind == std::string("slices"));
      std::vector<bfloat16> sum(count);
      const std::size_t half = count / 2;
      device_numerics::hop_sum(terms, slices, 0, std::span(sum).first(half));
      device_numerics::hop_sum(terms, slices, static_cast<std::int64_t>(half), std::span(sum).subspan(half));
      expect_vector(sum, name + ".sum");
    }
  }
}

TEST(DeviceHopSum, SlicesAreOfTheLastDimThatHasEnoughTiles) {
  const auto by_columns = device_numerics::line_slices({1, 1, 64, 250}, 4);
  ASSERT_TRUE(by_columns.has_value());
  EXPECT_EQ(by_columns->owner(63), 0);
  EXPECT_EQ(by_columns->owner(64), 1);
  EXPECT_EQ(by_columns->owner(249), 3);
  EXPECT_EQ(by_columns->owner(250), 0);
  const auto by_rows = device_numerics::line_slices({1, 1, 60, 80}, 2);
  ASSERT_TRUE(by_rows.has_value());
  EXPECT_EQ(by_rows->owner(32 * 80 - 1), 0);
  EXPECT_EQ(by_rows->owner(32 * 80), 1);
  const auto by_heads = device_numerics::line_slices({1, 6, 32, 32}, 3);
  ASSERT_TRUE(by_heads.has_value());
  EXPECT_EQ(by_heads->owner(2 * 1024), 1);
  EXPECT_FALSE(device_numerics::line_slices({1, 1, 32, 80}, 2).has_value());
}

}  // namespace
}  // namespace ttx::test
