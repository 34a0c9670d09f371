// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops.hpp"
#include "tests/runtime/device_tensors.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using experimental::rotary_embedding;

/// One vector, products and sum in fp32, rounded once.
void rotate(const float* x, const float* cos, const float* sin, std::int64_t width, std::vector<float>& out) {
  const std::int64_t half = width / 2;
  for (std::int64_t j = 0; j < width; ++j) {
    const float turned = j < half ? -x[j + half] : x[j - half];
    const float straight = x[j] * cos[j];
    const float across = turned * sin[j];
    out.push_back(rounded(straight + across));
  }
}

using RotaryTest = ThreadCounts;

TEST_P(RotaryTest, PrefillUsesTheRowOfThePosition) {
  for (const std::int64_t width : {2, 32, 64, 96, 128, 34}) {
    for (const std::int64_t rows : {1, 2, 33, 70}) {
      const std::int64_t heads = 9;
      const std::int64_t length = rows + 3;
      const std::vector<float> x = random_values(heads * rows * width, 1);
      const std::vector<float> cos = random_values(length * width, 2);
      const std::vector<float> sin = random_values(length * width, 3);
      const Tensor cos_table = on_device(device, {1, 1, length, width}, cos);
      const Tensor sin_table = on_device(device, {1, 1, length, width}, sin);
      std::vector<float> expected;
      for (std::int64_t i = 0; i < heads * rows; ++i) {
        const std::int64_t row = i % rows * width;
        rotate(x.data() + i * width, cos.data() + row, sin.data() + row, width, expected);
      }
      const Tensor out = rotary_embedding(
          on_device(device, {1, heads, rows, width}, x, Placement::sharded(1)), cos_table, sin_table);
      EXPECT_TRUE(out.placement().is_sharded(1));
      expect_same_bits(values_of(out), expected, out.describe());

      std::vector<float> at_one;
      for (std::int64_t i = 0; i < heads * rows; ++i) {
        rotate(x.data() + i * width, cos.data() + width, sin.data() + width, width, at_one);
      }
      const Tensor decoded = rotary_embedding(
          on_device(device, {1, rows, heads, width}, x, Placement::sharded(2)), cos_table, sin_table, 1);
      EXPECT_TRUE(decoded.placement().is_sharded(2));
      expect_same_bits(values_of(decoded), at_one, decoded.describe());
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Threads, RotaryTest, ::testing::Values(1, 2, 3));

using RotaryErrors = OneDevice;

TEST_F(RotaryErrors, SayWhatToDo) {
  const Tensor x = random_tensor(device, {1, 2, 5, 8}, 1);
  const Tensor table = random_tensor(device, {1, 1, 6, 8}, 2);
  const auto refuse = [](std::initializer_list<std::string_view> pieces, const auto& body) {
    expect_error(ExitCode::kFailure, pieces, body);
  };
  const Tensor shorter = slice(table, {0, 0, 0, 0}, {1, 1, 4, 8});
  refuse({"[rotary_embedding] sequence too long: got 5 positions", "4 rows"},
         [&] { rotary_embedding(x, shorter, shorter); });
  refuse({"token index: got 4, expected 0 to 3"}, [&] { rotary_embedding(x, shorter, shorter, 4); });
  refuse({"token index: got -1"}, [&] { rotary_embedding(x, shorter, shorter, -1); });
  refuse({"cos and sin differ"}, [&] { rotary_embedding(x, table, shorter); });
  const Tensor narrow = random_tensor(device, {1, 1, 6, 6}, 2);
  refuse({"cos: got", "expected the width of x, 8"}, [&] { rotary_embedding(x, narrow, narrow); });
  refuse({"sin: got", "expected the width of x, 8"}, [&] { rotary_embedding(x, table, narrow); });
  refuse({"cos must be replicated"},
         [&] { rotary_embedding(x, table.placed(Placement::sharded(3)), table); });
  refuse({"head dim must be whole"},
         [&] { rotary_embedding(x.placed(Placement::sharded(3)), table, table); });
  refuse({"positions are spread"}, [&] { rotary_embedding(x.placed(Placement::sharded(2)), table, table); });
  refuse({"expected an even last dim"}, [&] {
    const Tensor odd = random_tensor(device, {1, 1, 6, 7}, 2);
    rotary_embedding(odd, odd, odd);
  });
  refuse({"expected 1 in dim 0"}, [&] { rotary_embedding(x.reshaped({2, 1, 5, 8}), table, table); });
  refuse({"all_reduce first"}, [&] { rotary_embedding(x.placed(Placement::partial()), table, table); });
}

}  // namespace
}  // namespace ttx::test
