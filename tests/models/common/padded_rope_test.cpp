// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <vector>

#include "models/common/rope.hpp"
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using PaddedRope = OneDevice;

hf::RopeConfig scaled() {
  hf::RopeConfig rope;
  rope.type = "yarn";
  rope.theta = 1e4;
  rope.factor = 4.0;
  rope.attention_factor = 1.25;
  rope.original_max_position_embeddings = 64;
  return rope;
}

Tensor table(Device& device, const HostTensor& host) {
  return on_device(device, host.shape(), host.to_floats());
}

TEST_F(PaddedRope, TurnsAHeadOf96LikeTheUnpaddedOne) {
  for (const auto& [head_dim, width] : {std::pair<std::int64_t, std::int64_t>{96, 128}, {32, 64}, {64, 64}}) {
    const RopeTables plain = rope_tables(scaled(), head_dim, 70);
    const RopeTables padded = padded_rope_tables(scaled(), head_dim, 70, width);
    EXPECT_EQ(padded.cos.shape(), (Shape{1, 1, 70, width}));
    const auto turn = [&](const Tensor& x, const RopeTables& tables, std::optional<std::int64_t> position) {
      return experimental::rotary_embedding(x, table(device, tables.cos), table(device, tables.sin),
                                            position);
    };
    for (const std::optional<std::int64_t> position : {std::optional<std::int64_t>{}, {69}}) {
      const Tensor x = random_tensor(device, {1, 3, 33, head_dim}, 1, Placement::sharded(1));
      const Tensor wide = pad_rotary_halves(x, width);
      EXPECT_EQ(wide.shape(), (Shape{1, 3, 33, width}));
      EXPECT_TRUE(wide.placement().is_sharded(1));
      const Tensor turned = turn(wide, padded, position);
      expect_same_bits(values_of(trim_rotary_halves(turned, head_dim)), values_of(turn(x, plain, position)),
                       x.describe());
      const std::vector<float> all = values_of(turned);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const auto column = static_cast<std::int64_t>(i) % (width / 2);
        ASSERT_TRUE(column < head_dim / 2 || all[i] == 0.0F) << i;
      }
    }
  }
}

TEST_F(PaddedRope, HalvesGoWhereTheyBelong) {
  const Tensor x = on_device(device, {1, 1, 1, 4}, {1, 2, 3, 4});
  expect_same_bits(values_of(pad_rotary_halves(x, 8)), {1, 2, 0, 0, 3, 4, 0, 0}, "padded");
  expect_same_bits(values_of(trim_rotary_halves(pad_rotary_halves(x, 8), 4)), {1, 2, 3, 4}, "and back");
}

TEST_F(PaddedRope, ErrorsSayWhatToDo) {
  const auto failure = ExitCode::kFailure;
  expect_error(failure, {"[rope] padded width: got 64, expected an even one of at least 96"},
               [] { padded_rope_tables(scaled(), 96, 8, 64); });
  expect_error(failure, {"padded width: got 97"}, [] { padded_rope_tables(scaled(), 96, 8, 97); });
  const Tensor x = random_tensor(device, {1, 1, 2, 96}, 1);
  expect_error(failure, {"[rope] widths: got 96 values in 64"}, [&] { pad_rotary_halves(x, 64); });
  expect_error(failure, {"widths: got 97 values in 96"}, [&] { trim_rotary_halves(x, 97); });
  expect_error(failure, {"expected [B, heads, S, D]"}, [&] { pad_rotary_halves(x.reshaped({2, 96}), 128); });
}

}  // namespace
}  // namespace ttx::test
