// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <vector>

#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using Paddings = std::array<Padding, 4>;
using PadTest = OneDevice;

/// Element by element, by the definition.
std::vector<float> expected(const std::vector<float>& in, const Shape& shape, const Paddings& padding,
                            float value) {
  std::array<std::int64_t, 4> size{};
  for (std::size_t d = 0; d < 4; ++d) {
    size[d] = padding[d].before + shape[static_cast<int>(d)] + padding[d].after;
  }
  std::vector<float> out(at(size[0] * size[1] * size[2] * size[3]), value);
  for (std::int64_t i = 0; i < shape.volume(); ++i) {
    std::array<std::int64_t, 4> place{};
    std::int64_t rest = i;
    for (std::size_t d = 4; d-- > 0;) {
      place[d] = rest % shape[static_cast<int>(d)] + padding[d].before;
      rest /= shape[static_cast<int>(d)];
    }
    out[at(((place[0] * size[1] + place[1]) * size[2] + place[2]) * size[3] + place[3])] = in[at(i)];
  }
  return out;
}

TEST_F(PadTest, PutsValuesAround) {
  const Shape shape{2, 3, 5, 6};
  const Tensor x = random_tensor(device, shape, 1);
  const std::vector<float> in = values_of(x);
  const std::vector<Paddings> cases = {{{{}, {}, {}, {0, 26}}},
                                       {{{}, {}, {0, 27}, {}}},
                                       {{{}, {}, {2, 1}, {3, 4}}},
                                       {{{1, 0}, {0, 2}, {1, 1}, {0, 1}}},
                                       {{{}, {1, 1}, {}, {}}}};
  for (const Paddings& padding : cases) {
    for (const float value : {0.0F, -1.5F, 1.00390625F}) {
      expect_same_bits(values_of(pad(x, padding, value)), expected(in, shape, padding, rounded(value)),
                       "pad");
    }
  }
}

TEST_F(PadTest, Fp32AndPlacement) {
  Tensor wide = Tensor::rows(device, {1, 1, 1, 2}, DataType::FLOAT32, Layout::TILE, Placement::sharded(3));
  wide.mutable_f32()[0] = 0.1F;
  wide.mutable_f32()[1] = 0.2F;
  const Tensor out = pad(wide, {{{}, {}, {0, 1}, {}}}, 0.3F);
  EXPECT_EQ(out.dtype(), DataType::FLOAT32);
  EXPECT_TRUE(out.placement().is_sharded(3));
  expect_same_bits(values_of(out), {0.1F, 0.2F, 0.3F, 0.3F}, "fp32");
}

TEST_F(PadTest, NothingSharesTheBytes) {
  const Tensor x = random_tensor(device, {1, 1, 2, 3}, 1);
  EXPECT_EQ(pad(x, {}).bf16().data(), x.bf16().data());
}

TEST_F(PadTest, ErrorsSayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 1, 2, 4}, 1);
  const Paddings one = {{{}, {}, {}, {.before = 0, .after = 1}}};
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  refuse({"[pad] dim 3: got 0 before and -1 after", "slice takes elements away"}, [&] {
    pad(x, {{{}, {}, {}, {.before = 0, .after = -1}}});
  });
  refuse({"dim 3 is spread over devices", "all_gather"}, [&] { pad(x.placed(Placement::sharded(3)), one); });
  refuse({"x is partial", "all_reduce first"}, [&] { pad(x.placed(Placement::partial()), one); });
  refuse({"expected four dims"}, [&] { pad(x.reshaped({2, 4}), one); });
  refuse({"[pad] x: got an empty tensor"}, [&] { pad(Tensor(), one); });
  refuse({"expected rows of BFLOAT16 or FLOAT32"}, [&] { pad(ids_on_device(device, {1, 2}), one); });
}

}  // namespace
}  // namespace ttx::test
