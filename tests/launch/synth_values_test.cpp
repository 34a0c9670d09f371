// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_values.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/sha256.hpp"

namespace ttx::launch {
namespace {

std::vector<float> floats(const SynthValues& values, std::uint64_t first, std::size_t count) {
  std::vector<float> numbers(count);
  values.fill(DataType::FLOAT32, first, std::as_writable_bytes(std::span(numbers)));
  return numbers;
}

TEST(SynthValues, AnyCutGivesTheSame) {
  const SynthValues values{stream_of(3, "a"), 0.5F, 2.0F};
  constexpr std::size_t kCount = 3 * SynthValues::kBlock + 77;
  const auto whole = floats(values, 0, kCount);
  for (const std::size_t step : {1000UL, 4096UL, 4097UL, 9001UL}) {
    std::vector<float> pieces;
    for (std::size_t at = 0; at < kCount; at += step) {
      const auto piece = floats(values, at, std::min(step, kCount - at));
      pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    EXPECT_EQ(pieces, whole) << step;
  }
  std::vector<std::uint16_t> halves(10);
  values.fill(DataType::BFLOAT16, 4090, std::as_writable_bytes(std::span(halves)));
  for (std::size_t i = 0; i < halves.size(); ++i) {
    EXPECT_NEAR(std::bit_cast<float>(static_cast<std::uint32_t>(halves[i]) << 16), whole[4090 + i],
                std::abs(whole[4090 + i]) * 0x1p-8F);
  }
}

TEST(SynthValues, AreBellShapedAndUnrelated) {
  constexpr std::size_t kCount = 1 << 20;
  const auto numbers = floats({stream_of(1, "weight"), 0.0F, 1.0F}, 0, kCount);
  double sum = 0.0;
  double squares = 0.0;
  double fourths = 0.0;
  std::size_t within_one = 0;
  for (const float x : numbers) {
    const auto y = static_cast<double>(x);
    sum += y;
    squares += y * y;
    fourths += y * y * y * y;
    within_one += std::abs(x) < 1.0F ? 1U : 0U;
    ASSERT_LT(std::abs(x), 3.46F);
  }
  const auto n = static_cast<double>(kCount);
  // Five times the error that 2^20 draws leave.
  EXPECT_NEAR(sum / n, 0.0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1.0, 5 * std::sqrt(1.7 / n));
  // A sum of four uniform numbers: kurtosis 3 - 1.2 / 4; about 0.6655 lies within one deviation.
  EXPECT_NEAR(fourths / n, 2.7, 0.05);
  EXPECT_NEAR(static_cast<double>(within_one) / n, 0.6655, 0.004);
  // 1 next one, 32 the next of its generator, 4096 the same place of the next block.
  for (const std::size_t lag : {1UL, 31UL, 32UL, 64UL, 4096UL}) {
    double product = 0.0;
    for (std::size_t i = 0; i + lag < kCount; ++i) {
      product += static_cast<double>(numbers[i]) * static_cast<double>(numbers[i + lag]);
    }
    EXPECT_NEAR(product / n, 0.0, 5 / std::sqrt(n)) << lag;
  }
}

/// The same bytes from every compiler and on every machine.
TEST(SynthValues, AreTheseForEver) {
  std::vector<std::uint16_t> numbers(10'000);
  const SynthValues values{stream_of(7, "model.norm.weight"), 1.0F, 0.1F};
  values.fill(DataType::BFLOAT16, 123, std::as_writable_bytes(std::span(numbers)));
  std::string bytes(numbers.size() * 2, '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  EXPECT_EQ(sha256_hex(bytes), "58ea9448d2c9eefa453bf32f722e8d3a7f338fc8d5520e5bc348c82a5bef2bc4");
}

TEST(SynthValues, SeedAndNameDecide) {
  EXPECT_NE(stream_of(1, "a"), stream_of(2, "a"));
  EXPECT_NE(stream_of(1, "a"), stream_of(1, "b"));
  const auto a = floats({stream_of(1, "a"), 0.0F, 1.0F}, 0, 100);
  const auto b = floats({stream_of(1, "b"), 0.0F, 1.0F}, 0, 100);
  EXPECT_NE(a, b);
}

}  // namespace
}  // namespace ttx::launch
