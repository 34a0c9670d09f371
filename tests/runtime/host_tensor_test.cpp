// SPDX-License-Identifier: Apache-2.0
#include "runtime/host_tensor.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::expect_error;

/// Every bit pattern of a 16-bit type, at an odd address.
std::vector<float> all_of(DataType dtype) {
  auto storage = std::make_shared<std::vector<std::byte>>(2 * 65536 + 1);
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const auto bits = static_cast<std::uint16_t>(i);
    std::memcpy(storage->data() + 1 + 2 * i, &bits, 2);
  }
  const auto bytes = std::span<const std::byte>(*storage).subspan(1);
  return HostTensor("all", {65536}, dtype, bytes, storage).to_floats();
}

TEST(HostTensor, WidensEveryHalf) {
  const auto values = all_of(DataType::FLOAT16);
  for (std::uint32_t i = 0; i < 65536; ++i) {
    const int exponent = static_cast<int>((i >> 10) & 31U);
    const int mantissa = static_cast<int>(i & 1023U);
    const double sign = (i & 0x8000U) != 0 ? -1.0 : 1.0;
    if (exponent == 31) {
      EXPECT_EQ(std::isnan(values[i]), mantissa != 0) << i;
      EXPECT_EQ(std::isinf(values[i]), mantissa == 0) << i;
    } else {
      const double expected =
          exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
      EXPECT_EQ(static_cast<double>(values[i]), sign * expected) << i;
    }
    EXPECT_EQ(std::signbit(values[i]), sign < 0) << i;
  }
}

TEST(HostTensor, WidensEveryBfloat16) {
  const auto values = all_of(DataType::BFLOAT16);
  for (std::uint32_t i = 0; i < 65536; ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &values[i], 4);
    EXPECT_EQ(bits, i << 16);
  }
}

TEST(HostTensor, FloatsWhereTheyLie) {
  HostTensor tensor = HostTensor::unwritten("room", {2, 3}, DataType::FLOAT32);
  ASSERT_EQ(tensor.mutable_bytes().size(), 24U);
  const std::array<float, 6> values{1, 2, 3, 4, 5, 6};
  std::memcpy(tensor.mutable_bytes().data(), values.data(), sizeof values);
  EXPECT_TRUE(std::ranges::equal(tensor.floats(), values));
  EXPECT_TRUE(std::ranges::equal(tensor.rows(1, 2).floats(), std::span(values).last(3)));
  expect_error(ExitCode::kFailure, {"[host_tensor]", "'other': got UINT32, expected FLOAT32"},
               [] { static_cast<void>(HostTensor::zeros("other", {2}, DataType::UINT32).floats()); });
  const auto storage = std::make_shared<std::array<float, 2>>();
  const auto odd = std::as_bytes(std::span(*storage)).subspan(1, 4);
  expect_error(ExitCode::kFailure, {"'odd' is a view that is not aligned"},
               [&] { static_cast<void>(HostTensor("odd", {1}, DataType::FLOAT32, odd, storage).floats()); });
}

TEST(HostTensor, TransposesWithoutCopying) {
  std::vector<float> values(2 * 70 * 33);
  std::iota(values.begin(), values.end(), 0.0F);
  const auto tensor = HostTensor::from("w", {2, 70, 33}, values);
  const auto turned = tensor.transposed();
  EXPECT_EQ(turned.bytes().data(), tensor.bytes().data());
  EXPECT_EQ(turned.shape(), (Shape{2, 33, 70}));
  EXPECT_TRUE(turned.is_transposed());
  const auto floats = turned.to_floats();
  for (std::size_t b = 0; b < 2; ++b) {
    for (std::size_t r = 0; r < 33; ++r) {
      for (std::size_t c = 0; c < 70; ++c) {
        ASSERT_EQ(floats[(b * 33 + r) * 70 + c], values[(b * 70 + c) * 33 + r]);
      }
    }
  }
  EXPECT_EQ(turned.transposed().to_floats(), values);
  EXPECT_FALSE(turned.transposed().is_transposed());
  EXPECT_TRUE(HostTensor::zeros("none", {3, 0}, DataType::BFLOAT16).transposed().to_floats().empty());
}

TEST(HostTensor, GivesRowsWithoutCopying) {
  std::vector<float> values(7 * 3 * 5);
  std::iota(values.begin(), values.end(), 0.0F);
  HostTensor tensor = HostTensor::from("w", {7, 3, 5}, values);
  HostTensor middle = tensor.rows(2, 6);
  EXPECT_EQ(middle.shape(), (Shape{4, 3, 5}));
  EXPECT_EQ(middle.name(), "w[2:6]");
  EXPECT_EQ(middle.bytes().data(), tensor.bytes().data() + 2 * 15 * sizeof(float));
  EXPECT_EQ(middle.to_floats(), std::vector<float>(values.begin() + 30, values.begin() + 90));
  EXPECT_EQ(middle.rows(1, 2).to_floats(), std::vector<float>(values.begin() + 45, values.begin() + 60));
  EXPECT_EQ(middle.rows(0, 4).transposed().shape(), (Shape{4, 5, 3}));
  EXPECT_TRUE(tensor.rows(3, 3).empty());
  middle.mutable_bytes()[0] = std::byte{1};
  EXPECT_EQ(tensor.bytes()[2 * 15 * sizeof(float)], std::byte{1});
  for (const auto& [begin, end] : {std::pair<std::int64_t, std::int64_t>{-1, 2}, {3, 2}, {0, 8}}) {
    expect_error(ExitCode::kFailure, {"rows of 'w'", "[7, 3, 5]"},
                 [&, begin = begin, end = end] { tensor.rows(begin, end); });
  }
  expect_error(ExitCode::kFailure, {"'w'", "transposed"}, [&] { tensor.transposed().rows(0, 1); });
}

TEST(HostTensor, ReadsIntegers) {
  EXPECT_EQ(HostTensor::from("i", {2}, std::vector<std::int32_t>{-3, 7}).to_floats(),
            (std::vector<float>{-3, 7}));
  EXPECT_EQ(HostTensor::from("u", {1}, std::vector<std::uint32_t>{4294967040U}).to_floats()[0],
            4294967040.0F);
}

TEST(HostTensor, OwnedBytesCanBeWrittenAndViewsCannot) {
  auto owned = HostTensor::zeros("o", {2}, DataType::FLOAT32);
  const float value = 2.5F;
  std::memcpy(owned.mutable_bytes().data() + 4, &value, 4);
  EXPECT_EQ(owned.to_floats(), (std::vector<float>{0.0F, 2.5F}));
  static const std::array<std::byte, 4> kBytes{};
  HostTensor view("v", {1}, DataType::FLOAT32, kBytes, nullptr);
  expect_error(ExitCode::kFailure, {"'v'", "view"}, [&] { view.mutable_bytes(); });
}

TEST(HostTensor, ReshapesOnlyToTheSameVolume) {
  const auto tensor = HostTensor::from("r", {2, 3}, std::vector<float>{0, 1, 2, 3, 4, 5});
  EXPECT_EQ(tensor.reshaped({1, 6}).shape(), (Shape{1, 6}));
  EXPECT_EQ(tensor.reshaped({3, 2}).to_floats(), tensor.to_floats());
  expect_error(ExitCode::kFailure, {"'r'", "[2, 3] has 6", "[7] has 7"}, [&] { tensor.reshaped({7}); });
  expect_error(ExitCode::kFailure, {"'r'", "transposed"}, [&] { tensor.transposed().reshaped({6}); });
}

TEST(HostTensor, ChecksSizes) {
  static const std::array<std::byte, 5> kBytes{};
  expect_error(ExitCode::kFailure, {"'v'", "got 5 bytes", "expected 4", "FLOAT32"},
               [&] { HostTensor("v", {1}, DataType::FLOAT32, kBytes, nullptr); });
  expect_error(ExitCode::kFailure, {"'f'", "got 2 values", "expected 3"},
               [&] { HostTensor::from("f", {3}, std::vector<float>(2)); });
  expect_error(ExitCode::kFailure, {"'f'", "got rank 1"},
               [&] { HostTensor::zeros("f", {3}, DataType::FLOAT32).transposed(); });
}

}  // namespace
}  // namespace ttx
