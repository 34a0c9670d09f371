// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using kernels::Bf16;
using reference::product;
using reference::widen;

class Rotary : public IsaTest {};
TTX_FOR_EVERY_ISA(Rotary);

struct RotaryCase {
  std::int64_t count;
  std::int64_t width;
  std::int64_t table_stride;
  std::vector<Bf16> x;
  std::vector<Bf16> cos;
  std::vector<Bf16> sin;

  std::vector<Bf16> run(const kernels::Table& table) const {
    std::vector<Bf16> out(x.size(), Bf16{0x1234});
    table.rotary({.x = x.data(),
                  .count = count,
                  .width = width,
                  .cos = cos.data(),
                  .sin = sin.data(),
                  .table_stride = table_stride,
                  .out = out.data()});
    return out;
  }
  std::vector<Bf16> by_hand() const {
    std::vector<Bf16> out;
    for (std::int64_t i = 0; i < count * width; ++i) {
      const std::int64_t vector = i / width;
      const std::int64_t d = i % width;
      const auto angle = static_cast<std::size_t>(vector * table_stride + d);
      const bool first_half = d < width / 2;
      const float other = widen(x[static_cast<std::size_t>(first_half ? i + width / 2 : i - width / 2)]);
      const float turned = product(first_half ? -other : other, widen(sin[angle]));
      out.push_back(reference::round(
          reference::sum(product(widen(x[static_cast<std::size_t>(i)]), widen(cos[angle])), turned)));
    }
    return out;
  }
};

template <class Draw>
RotaryCase drawn_case(std::int64_t count, std::int64_t width, bool one_position, const Draw& draw) {
  RotaryCase made{.count = count,
                  .width = width,
                  .table_stride = one_position ? 0 : width,
                  .x = {},
                  .cos = {},
                  .sin = {}};
  made.x = Samples::vector(count * width, draw);
  made.cos = Samples::vector((one_position ? 1 : count) * width, draw);
  made.sin = Samples::vector((one_position ? 1 : count) * width, draw);
  return made;
}

TEST_P(Rotary, EveryWidthGivesTheReferenceBits) {
  Samples samples(81);
  for (std::int64_t width = 2; width <= 256; width += width < 80 ? 2 : 22) {
    for (const bool one_position : {true, false}) {
      const RotaryCase normal =
          drawn_case(3, width, one_position, [&] { return reference::round(samples.normal()); });
      EXPECT_TRUE(same_bits(normal.run(table()), normal.by_hand())) << width;
      const RotaryCase tiny = drawn_case(3, width, one_position, [&] { return samples.beside_underflow(); });
      EXPECT_TRUE(same_bits(tiny.run(table()), tiny.by_hand())) << width;
    }
  }
}

TEST_P(Rotary, InPlace) {
  Samples samples(82);
  RotaryCase normal = drawn_case(4, 50, false, [&] { return reference::round(samples.normal()); });
  const std::vector<Bf16> expected = normal.by_hand();
  table().rotary({.x = normal.x.data(),
                  .count = 4,
                  .width = 50,
                  .cos = normal.cos.data(),
                  .sin = normal.sin.data(),
                  .table_stride = 50,
                  .out = normal.x.data()});
  EXPECT_TRUE(same_bits(normal.x, expected));
}

TEST_P(Rotary, AQuarterTurnByHand) {
  const RotaryCase quarter{.count = 1,
                           .width = 4,
                           .table_stride = 0,
                           .x = {{0x3F80}, {0x4000}, {0x4040}, {0x4080}},
                           .cos = std::vector<Bf16>(4, Bf16{0}),
                           .sin = std::vector<Bf16>(4, Bf16{0x3F80})};
  // [1 2 3 4] becomes [-3 -4 1 2].
  EXPECT_TRUE(same_bits(quarter.run(table()), {{0xC040}, {0xC080}, {0x3F80}, {0x4000}}));
}

}  // namespace
}  // namespace ttx::test
