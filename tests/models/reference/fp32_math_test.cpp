// SPDX-License-Identifier: Apache-2.0
// Each instruction set's fp32 sentences against the same in double.
#include "models/reference/fp32_math.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/reference/fixture.hpp"

namespace ttx::reference {
namespace {

std::vector<float> random_floats(std::size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  std::generate(values.begin(), values.end(), [&] { return normal(generator); });
  return values;
}

std::uint16_t bits16(float value) {
  return static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16);
}

/// Elements as a file would hold them, at an odd address, and their exact values.
struct StoredRows {
  std::vector<std::byte> bytes{std::byte{0xFF}};
  std::vector<float> values;
  Stored stored;

  StoredRows(Stored kind, std::size_t count) : stored(kind) {
    for (const float value : random_floats(count, 7)) {
      if (kind == Stored::kF32) {
        put(value, value);
      } else if (kind == Stored::kBf16) {
        const std::uint16_t bits = bits16(value);
        put(bits, std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16));
      } else {
        // An exponent from 2^-3 to 2^0 and ten bits of mantissa.
        const std::uint32_t pattern = std::bit_cast<std::uint32_t>(value);
        const std::uint32_t exponent = 12 + (pattern & 3U);
        const std::uint32_t mantissa = (pattern >> 4) & 0x3FFU;
        const float sign = value < 0 ? -1.0F : 1.0F;
        const auto bits = static_cast<std::uint16_t>((value < 0 ? 0x8000U : 0U) | exponent << 10 | mantissa);
        put(bits, sign * std::ldexp(1.0F + static_cast<float>(mantissa) / 1024.0F,
                                    static_cast<int>(exponent) - 15));
      }
    }
  }
  template <class T>
  void put(T stored_value, float value) {
    const auto* const first = reinterpret_cast<const std::byte*>(&stored_value);
    bytes.insert(bytes.end(), first, first + sizeof(T));
    values.push_back(value);
  }
  WeightRows rows(std::int64_t k) const { return {bytes.data() + 1, stored, k}; }
};

class Fp32MathTest : public ::testing::TestWithParam<const Fp32Math*> {
 protected:
  const Fp32Math& math_ = *GetParam();
};

TEST_P(Fp32MathTest, ProjectOddSizesAnyTypeAnyAddress) {
  for (const Stored kind : {Stored::kBf16, Stored::kF16, Stored::kF32}) {
    for (const auto& [rows, k, n] : {std::array<std::int64_t, 3>{1, 7, 1},
                                     {1, 1000, 37},
                                     {2, 33, 5},
                                     {3, 16, 130},
                                     {65, 129, 131},
                                     {5, 9001, 70}}) {
      const std::vector<float> x = random_floats(static_cast<std::size_t>(rows * k), 1);
      const StoredRows w(kind, static_cast<std::size_t>(n * k));
      std::vector<float> scratch(static_cast<std::size_t>(scratch_floats(k)));
      // Columns [begin, n) of rows that are wider than the result; what lies beside it must stay.
      const std::int64_t begin = n > 2 ? 2 : 0;
      const std::int64_t stride = n - begin + 3;
      std::vector<float> out(static_cast<std::size_t>(rows * stride), -77.0F);
      math_.project(x.data(), rows, w.rows(k), begin, n, out.data(), stride, scratch.data());
      for (std::int64_t i = 0; i < rows; ++i) {
        for (std::int64_t j = 0; j < stride; ++j) {
          const float got = out[static_cast<std::size_t>(i * stride + j)];
          if (begin + j >= n) {
            ASSERT_EQ(got, -77.0F);
            continue;
          }
          double sum = 0;
          double size = 0;
          for (std::int64_t l = 0; l < k; ++l) {
            const double term = static_cast<double>(x[static_cast<std::size_t>(i * k + l)]) *
                                static_cast<double>(w.values[static_cast<std::size_t>((begin + j) * k + l)]);
            sum += term;
            size += std::abs(term);
          }
          // k roundings of partial sums, each at most half an epsilon of what has been summed.
          const double bound =
              static_cast<double>(std::numeric_limits<float>::epsilon()) * (1 + size * std::sqrt(k));
          ASSERT_NEAR(got, sum, bound)
              << "rows " << rows << " k " << k << " n " << n << " at " << i << ", " << j;
        }
      }
    }
  }
}

TEST_P(Fp32MathTest, WidensEveryHalfExactly) {
  std::vector<std::uint16_t> halves(1U << 16);
  for (std::size_t i = 0; i < halves.size(); ++i) {
    halves[i] = static_cast<std::uint16_t>(i);
  }
  std::vector<float> out(halves.size());
  const auto* const bytes = reinterpret_cast<const std::byte*>(halves.data());
  math_.widen(bytes, Stored::kBf16, static_cast<std::int64_t>(halves.size()), out.data());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(out[i]), static_cast<std::uint32_t>(i) << 16);
  }
  math_.widen(bytes, Stored::kF16, static_cast<std::int64_t>(halves.size()), out.data());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const int exponent = static_cast<int>(i >> 10 & 31U);
    const auto mantissa = static_cast<double>(i & 1023U);
    double expected = exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    if (exponent == 31) {
      expected =
          mantissa > 0 ? std::numeric_limits<double>::quiet_NaN() : std::numeric_limits<double>::infinity();
    }
    ASSERT_EQ(std::signbit(out[i]), (i & 0x8000U) != 0) << i;
    ASSERT_TRUE(std::isnan(expected) ? std::isnan(out[i]) : std::abs(static_cast<double>(out[i])) == expected)
        << i;
  }
}

TEST_P(Fp32MathTest, RmsNorm) {
  for (const std::int64_t n : {1, 3, 64, 129, 1024}) {
    std::vector<float> x = random_floats(static_cast<std::size_t>(n), 2);
    const std::vector<float> weight = random_floats(static_cast<std::size_t>(n), 3);
    double squares = 0;
    for (const float value : x) {
      squares += static_cast<double>(value) * static_cast<double>(value);
    }
    const double scale = 1 / std::sqrt(squares / static_cast<double>(n) + 1e-6);
    const std::vector<float> before = x;
    math_.rms_norm(x.data(), weight.data(), n, 1e-6F, x.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double expected = static_cast<double>(weight[i]) * static_cast<double>(before[i]) * scale;
      ASSERT_NEAR(x[i], expected, 4e-6 * std::abs(expected)) << n << " at " << i;
    }
  }
}

TEST_P(Fp32MathTest, RotateIsHalfSplit) {
  std::vector<float> x{1, 2, 3, 10, 20, 30};
  const std::vector<float> cos{1, 0, 0.5F};
  const std::vector<float> sin{0, 1, 0.25F};
  math_.rotate(x.data(), cos.data(), sin.data(), 6);
  EXPECT_EQ(x, (std::vector<float>{1, -20, 1.5F - 7.5F, 10, 2, 15.75F}));
}

TEST_P(Fp32MathTest, Activations) {
  const std::vector<float> values{-200, -90, -10, -3, -1,  -0.5F, -0.0F, 0, 1e-30F, 0.5F,
                                  1,    3,   20,  90, 200, 2,     7,     8, 4e-3F};
  const auto n = static_cast<std::int64_t>(values.size());
  std::vector<float> silu = values;
  math_.activate(Activation::kSilu, silu.data(), n);
  std::vector<float> gelu = values;
  math_.activate(Activation::kGeluTanh, gelu.data(), n);
  std::vector<float> relu2 = values;
  math_.activate(Activation::kRelu2, relu2.data(), n);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto x = static_cast<double>(values[i]);
    const double expected_silu = x / (1 + std::exp(-x));
    EXPECT_NEAR(silu[i], expected_silu, 1e-6 * std::abs(expected_silu) + 1e-35) << x;
    const double inner = std::sqrt(2 / 3.14159265358979324) * (x + 0.044715 * x * x * x);
    // 1 + tanh keeps an absolute error of some fp32 epsilons.
    EXPECT_NEAR(gelu[i], 0.5 * x * (1 + std::tanh(inner)), 4e-7 * std::abs(x)) << x;
    EXPECT_EQ(relu2[i], std::max(values[i], 0.0F) * std::max(values[i], 0.0F));
  }
}

TEST_P(Fp32MathTest, SoftcapMultiplyAndAdd) {
  std::vector<float> x{-200, -30, -3, -0.25F, 0, 1e-6F, 0.25F, 3, 30, 200};
  const std::vector<float> before = x;
  math_.softcap(x.data(), static_cast<std::int64_t>(x.size()), 30.0F);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = 30 * std::tanh(static_cast<double>(before[i]) / 30);
    EXPECT_NEAR(x[i], expected, 1e-6 * std::abs(expected)) << before[i];
  }
  std::vector<float> y{1, -2, 3};
  const std::vector<float> z{0.5F, 4, -1};
  math_.multiply(y.data(), z.data(), 3);
  EXPECT_EQ(y, (std::vector<float>{0.5F, -8, -3}));
  math_.add(y.data(), z.data(), 3);
  EXPECT_EQ(y, (std::vector<float>{1, -4, -4}));
}

struct AttendCase {
  std::int64_t rows, first, window;
  float softcap;
};

TEST_P(Fp32MathTest, AttendIsCausalOverTheCache) {
  // Two KV heads side by side in a cache; the query head reads the second one. 70 rows span two blocks of
  // rows.
  constexpr std::int64_t kDim = 24;
  for (const auto& [rows, first, window, softcap] : {AttendCase{1, 0, 0, 0},
                                                     {1, 40, 0, 0},
                                                     {5, 3, 0, 0},
                                                     {70, 9, 0, 0},
                                                     {70, 9, 1, 0},
                                                     {70, 9, 13, 0},
                                                     {1, 40, 40, 0},
                                                     {3, 2, 100, 0.7F},
                                                     {70, 9, 66, 1.5F}}) {
    const std::int64_t keys = first + rows;
    const auto q = random_floats(static_cast<std::size_t>(rows * kDim), 4);
    auto k = random_floats(static_cast<std::size_t>((keys + 2) * 2 * kDim), 5);
    auto v = random_floats(k.size(), 6);
    // Rows beyond the position hold what an earlier sequence left.
    std::fill(k.begin() + keys * 2 * kDim, k.end(), std::numeric_limits<float>::quiet_NaN());
    std::fill(v.begin() + keys * 2 * kDim, v.end(), std::numeric_limits<float>::quiet_NaN());
    std::vector<float> out(q.size());
    math_.attend({q.data(), k.data() + kDim, v.data() + kDim, out.data(), rows, first, kDim, kDim, 2 * kDim,
                  0.2F, softcap, window});
    for (std::int64_t i = 0; i < rows; ++i) {
      std::vector<double> expected(kDim);
      double total = 0;
      const std::int64_t oldest = window > 0 ? std::max<std::int64_t>(0, first + i + 1 - window) : 0;
      for (std::int64_t key = oldest; key <= first + i; ++key) {
        double score = 0;
        for (std::int64_t c = 0; c < kDim; ++c) {
          score += static_cast<double>(q[static_cast<std::size_t>(i * kDim + c)]) *
                   static_cast<double>(k[static_cast<std::size_t>((key * 2 + 1) * kDim + c)]);
        }
        score *= 0.2;
        const auto cap = static_cast<double>(softcap);
        const double weight = std::exp(cap > 0 ? cap * std::tanh(score / cap) : score);
        total += weight;
        for (std::int64_t c = 0; c < kDim; ++c) {
          expected[static_cast<std::size_t>(c)] +=
              weight * static_cast<double>(v[static_cast<std::size_t>((key * 2 + 1) * kDim + c)]);
        }
      }
      for (std::int64_t c = 0; c < kDim; ++c) {
        ASSERT_NEAR(out[static_cast<std::size_t>(i * kDim + c)],
                    expected[static_cast<std::size_t>(c)] / total, 2e-5)
            << rows << " rows from " << first << " at " << i << ", " << c;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Sets, Fp32MathTest, ::testing::ValuesIn(test::available_math()),
                         [](const auto& set) { return std::string(set.param->name); });

}  // namespace
}  // namespace ttx::reference
