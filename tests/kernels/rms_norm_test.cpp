// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using kernels::Bf16;

class RmsNorm : public IsaTest {
 protected:
  static std::vector<Bf16> run(const std::vector<Bf16>& x, const std::vector<Bf16>& weight, float epsilon) {
    const auto width = static_cast<std::int64_t>(weight.size());
    std::vector<Bf16> out(x.size(), Bf16{0x1234});
    table().rms_norm({.x = x.data(),
                      .rows = static_cast<std::int64_t>(x.size()) / width,
                      .width = width,
                      .weight = weight.data(),
                      .epsilon = epsilon,
                      .out = out.data()});
    return out;
  }
};
TTX_FOR_EVERY_ISA(RmsNorm);

std::vector<Bf16> by_hand(const std::vector<Bf16>& x, const std::vector<Bf16>& weight, float epsilon) {
  std::vector<Bf16> out;
  for (std::size_t row = 0; row < x.size(); row += weight.size()) {
    std::vector<float> squares;
    for (std::size_t i = 0; i < weight.size(); ++i) {
      squares.push_back(reference::product(reference::widen(x[row + i]), reference::widen(x[row + i])));
    }
    const float mean =
        reference::quotient(reference::sum_of_lanes(squares), static_cast<float>(weight.size()));
    const float factor = reference::quotient(1.0F, std::sqrt(reference::sum(mean, epsilon)));
    for (std::size_t i = 0; i < weight.size(); ++i) {
      const float scaled = reference::product(reference::widen(x[row + i]), factor);
      out.push_back(reference::round(reference::product(scaled, reference::widen(weight[i]))));
    }
  }
  return out;
}

TEST_P(RmsNorm, EveryWidthGivesTheReferenceBits) {
  Samples samples(71);
  for (std::int64_t width = 1; width < 70; ++width) {
    const std::vector<Bf16> x = samples.normal_vector(5 * width, 3.0F);
    const std::vector<Bf16> weight = samples.normal_vector(width);
    EXPECT_TRUE(same_bits(run(x, weight, 1e-6F), by_hand(x, weight, 1e-6F))) << width;
  }
  for (const std::int64_t width : {128, 1000, 1024, 3072}) {
    const std::vector<Bf16> x = samples.normal_vector(20 * width, 0.1F);
    const std::vector<Bf16> weight = samples.normal_vector(width);
    EXPECT_TRUE(same_bits(run(x, weight, 1e-5F), by_hand(x, weight, 1e-5F))) << width;
  }
}

TEST_P(RmsNorm, ValuesBesideUnderflowAndSpecials) {
  Samples samples(72);
  for (const std::int64_t width : {3, 16, 37}) {
    for (const float epsilon : {0.0F, 1e-38F, 1e-6F}) {
      const std::vector<Bf16> tiny = Samples::vector(40 * width, [&] { return samples.beside_underflow(); });
      const std::vector<Bf16> any = Samples::vector(40 * width, [&] { return samples.any_bits(); });
      const std::vector<Bf16> weight = Samples::vector(width, [&] { return samples.beside_underflow(); });
      EXPECT_TRUE(same_bits(run(tiny, weight, epsilon), by_hand(tiny, weight, epsilon))) << width;
      EXPECT_TRUE(same_bits(run(any, weight, epsilon), by_hand(any, weight, epsilon))) << width;
    }
  }
}

TEST_P(RmsNorm, EverySquareRoundsBeforeItIsAdded) {
  // The square of a bf16 is exact in fp32, so a contracted multiply-add shows only where the square is
  // flushed.
  Samples samples(74);
  for (const std::int64_t width : {33, 64, 100}) {
    const std::vector<Bf16> x =
        Samples::vector(20 * width, [&] { return reference::round(samples.normal() * 0x1p-63F); });
    const std::vector<Bf16> weight = samples.normal_vector(width);
    EXPECT_TRUE(same_bits(run(x, weight, 0.0F), by_hand(x, weight, 0.0F))) << width;
  }
}

TEST_P(RmsNorm, ErrorAgainstDouble) {
  Samples samples(73);
  const std::int64_t width = 515;
  const std::vector<Bf16> x = samples.normal_vector(width);
  const std::vector<Bf16> weight = samples.normal_vector(width);
  double squares = 0.0;
  for (const Bf16 value : x) {
    squares += std::pow(static_cast<double>(reference::widen(value)), 2.0);
  }
  const double factor = 1.0 / std::sqrt(squares / static_cast<double>(width) + 1e-6);
  const std::vector<Bf16> got = run(x, weight, 1e-6F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    // width / 16 + 4 additions, halved by the square root, five more roundings in fp32, one in bf16.
    const double exact = reference::widen(x[i]) * factor * reference::widen(weight[i]);
    const double roundings = (static_cast<double>(width) / 16 + 4) / 2 + 5;
    EXPECT_NEAR(reference::widen(got[i]), exact, std::fabs(exact) * (0x1p-8 + roundings * 0x1p-24)) << i;
  }
}

}  // namespace
}  // namespace ttx::test
