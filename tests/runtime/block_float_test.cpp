// SPDX-License-Identifier: Apache-2.0
#include "runtime/block_float.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "runtime/block_float_tiles.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::test {
namespace {

using Values = std::array<float, kBlockFloatGroup>;

constexpr DataType kTypes[] = {DataType::BFLOAT8_B, DataType::BFLOAT4_B};

int bits_kept(DataType dtype) { return dtype == DataType::BFLOAT8_B ? 7 : 3; }

/// The packer's rule in double and whole numbers: scale, cut what the shift loses, round to nearest even.
BlockFloatGroup expected_group(const Values& values, DataType dtype) {
  const int kept = bits_kept(dtype);
  int greatest = 0;
  std::vector<int> fields;
  for (const float value : values) {
    // ilogb of a denormal is its own; the format has field 0 for all of them and 255 for what is not finite.
    const int field = !std::isfinite(value)          ? 255
                      : std::fabs(value) < 0x1p-126F ? 0
                                                     : std::ilogb(value) + 127;
    fields.push_back(field);
    greatest = std::max(greatest, field);
  }
  BlockFloatGroup group;
  group.exponent = static_cast<std::uint8_t>(greatest);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint32_t fraction = std::bit_cast<std::uint32_t>(values[i]) & 0x7FFFFFU;
    const double significand = values[i] == 0.0F ? 0.0 : 8388608.0 + fraction;
    const double aligned = std::floor(std::ldexp(significand, fields[i] - greatest));
    const double scaled = std::ldexp(aligned, kept - 24);
    const double below = std::floor(scaled);
    const double rest = scaled - below;
    const bool up = rest > 0.5 || (rest == 0.5 && std::fmod(below, 2.0) == 1.0);
    const int number = std::min((1 << kept) - 1, static_cast<int>(below) + (up ? 1 : 0));
    const int sign = number != 0 && std::signbit(values[i]) ? 1 << kept : 0;
    group.codes[i] = static_cast<std::uint8_t>(sign | number);
  }
  return group;
}

float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }

void expect_group(const Values& values, DataType dtype) {
  const BlockFloatGroup got = pack_block_float(values, dtype);
  const BlockFloatGroup expected = expected_group(values, dtype);
  ASSERT_EQ(int{got.exponent}, int{expected.exponent});
  for (std::size_t i = 0; i < values.size(); ++i) {
    ASSERT_EQ(int{got.codes[i]}, int{expected.codes[i]})
        << std::hexfloat << values[i] << " at " << i << ", exponent " << int{got.exponent};
  }
}

TEST(BlockFloat, WorkedExample) {
  const Values first = {1.0F,           -1.0F,   0.5F,     0.75F, 1.984375F, 1.9921875F, 1.9765625F, 0x1p-7F,
                        1.5F * 0x1p-7F, 0x1p-6F, -0x1p-7F, 0.0F,  0x1p-8F,   1.0078125F, 1.0234375F, -1.5F};
  const std::array<std::uint8_t, 16> eight = {0x40, 0xC0, 0x20, 0x30, 0x7F, 0x7F, 0x7E, 0x00,
                                              0x01, 0x01, 0x00, 0x00, 0x00, 0x40, 0x42, 0xE0};
  const std::array<std::uint8_t, 16> four = {0x4, 0xC, 0x2, 0x3, 0x7, 0x7, 0x7, 0x0,
                                             0x0, 0x0, 0x0, 0x0, 0x0, 0x4, 0x4, 0xE};
  EXPECT_EQ(pack_block_float(first, DataType::BFLOAT8_B), (BlockFloatGroup{127, eight}));
  EXPECT_EQ(pack_block_float(first, DataType::BFLOAT4_B), (BlockFloatGroup{127, four}));
  const Values back = {1.0F,    -1.0F,   0.5F, 0.75F, 1.984375F, 1.984375F, 1.96875F, 0.0F,
                       0x1p-6F, 0x1p-6F, 0.0F, 0.0F,  0.0F,      1.0F,      1.03125F, -1.5F};
  EXPECT_EQ(unpack_block_float({127, eight}, DataType::BFLOAT8_B), back);
}

TEST(BlockFloat, EveryExponentGapAndRoundingCase) {
  // Fractions on both sides of every tie of both formats, bits that the shift loses, all ones.
  std::vector<std::uint32_t> fractions = {0, 1, 0x7FFFFF, 0x7FFFFE, 0x555555, 0x2AAAAA};
  for (unsigned bit = 0; bit < 23; ++bit) {
    for (const std::uint32_t around : {0U, 1U, 0xFFFFFFFFU}) {
      fractions.push_back(((1U << bit) + around) & 0x7FFFFFU);
      fractions.push_back(((0x7F0000U ^ (1U << bit)) + around) & 0x7FFFFFU);
      fractions.push_back(((3U << bit) + around) & 0x7FFFFFU);
    }
  }
  for (const DataType dtype : kTypes) {
    for (const std::uint32_t greatest : {0U, 1U, 2U, 6U, 7U, 8U, 31U, 100U, 127U, 200U, 254U, 255U}) {
      for (std::uint32_t gap = 0; gap <= std::min(greatest, 40U); ++gap) {
        for (std::size_t at = 0; at < fractions.size(); at += 7) {
          Values values{};
          values[0] = float_of(greatest << 23U);
          for (std::size_t i = 1; i < values.size(); ++i) {
            const std::uint32_t sign = i % 2 == 0 ? 0U : 0x80000000U;
            values[i] = float_of(sign | (greatest - gap) << 23U | fractions[(at + i - 1) % fractions.size()]);
          }
          expect_group(values, dtype);
        }
      }
    }
  }
}

TEST(BlockFloat, RandomGroups) {
  std::mt19937 generator(3);
  const auto draw = [&generator] { return static_cast<std::uint32_t>(generator()); };
  for (const DataType dtype : kTypes) {
    for (int round = 0; round < 20000; ++round) {
      Values values{};
      const std::uint32_t base = draw() % 256;
      for (float& value : values) {
        const std::uint32_t field = base - std::min(base, draw() % 28);
        value = draw() % 20 == 0 ? 0.0F : float_of((draw() & 0x807FFFFFU) | field << 23U);
      }
      expect_group(values, dtype);
    }
  }
}

TEST(BlockFloat, SpecialValues) {
  const float infinity = std::numeric_limits<float>::infinity();
  const float nan = std::numeric_limits<float>::quiet_NaN();
  Values values = {infinity, -infinity, nan, 1.0F, 0x1.8p127F, -0.0F, 1e-40F};
  BlockFloatGroup group = pack_block_float(values, DataType::BFLOAT8_B);
  EXPECT_EQ(group.exponent, 255);
  EXPECT_EQ(group.codes[0], 0x40);
  EXPECT_EQ(group.codes[1], 0xC0);
  EXPECT_EQ(group.codes[2], 0x60);
  EXPECT_EQ(group.codes[3], 0);
  EXPECT_EQ(group.codes[4], 0x30);
  const auto back = unpack_block_float(group, DataType::BFLOAT8_B);
  EXPECT_EQ(back[0], infinity);
  EXPECT_EQ(back[1], -infinity);
  EXPECT_TRUE(std::isnan(back[2]));
  EXPECT_EQ(back[4], 0x1.8p127F);
  EXPECT_FALSE(std::signbit(back[5]));

  // Denormals alone keep codes and have no value; zeros have neither.
  values = {1e-40F, -1e-40F};
  group = pack_block_float(values, DataType::BFLOAT8_B);
  EXPECT_EQ(group.exponent, 0);
  EXPECT_NE(group.codes[0], 0);
  EXPECT_EQ(group.codes[2], 0);
  for (const float value : unpack_block_float(group, DataType::BFLOAT8_B)) {
    EXPECT_EQ(std::bit_cast<std::uint32_t>(value), 0U);
  }
  // The smallest value that stays: 2^-126.
  values = {0x1p-120F, 0x1p-126F, -0x1p-126F};
  const auto small = unpack_block_float(pack_block_float(values, DataType::BFLOAT8_B), DataType::BFLOAT8_B);
  EXPECT_EQ(small[1], 0x1p-126F);
  EXPECT_EQ(small[2], -0x1p-126F);
}

TEST(BlockFloat, EveryCodeIsItsNumberTimesThePowerOfTwo) {
  for (const DataType dtype : kTypes) {
    const int kept = bits_kept(dtype);
    for (int exponent = 0; exponent < 255; ++exponent) {
      for (int code = 0; code < 2 << kept; code += 16) {
        BlockFloatGroup group;
        group.exponent = static_cast<std::uint8_t>(exponent);
        for (int i = 0; i < 16 && code + i < 2 << kept; ++i) {
          group.codes[static_cast<std::size_t>(i)] = static_cast<std::uint8_t>(code + i);
        }
        const auto values = unpack_block_float(group, dtype);
        for (int i = 0; i < 16 && code + i < 2 << kept; ++i) {
          const int number = (code + i) % (1 << kept);
          const double value = std::ldexp(code + i < 1 << kept ? number : -number, exponent - 126 - kept);
          const double kept_value = std::fabs(value) < 0x1p-126 ? 0.0 : value;
          ASSERT_EQ(std::bit_cast<std::uint32_t>(values[static_cast<std::size_t>(i)]),
                    std::bit_cast<std::uint32_t>(static_cast<float>(kept_value)))
              << "code " << code + i << " exponent " << exponent;
        }
      }
    }
  }
}

TEST(BlockFloat, TilesLieAsOnTheHardware) {
  // Values that name their place: the byte of element (r, c) is where the formula says.
  std::mt19937 generator(4);
  std::normal_distribution<float> normal;
  for (const DataType dtype : kTypes) {
    for (const auto& [rows, columns] : {std::pair{32, 32}, {1, 1}, {33, 70}, {64, 17}}) {
      std::vector<float> values(static_cast<std::size_t>(rows * columns));
      for (float& value : values) {
        value = normal(generator);
      }
      const std::vector<std::byte> tiles = pack_tiles(values, rows, columns, dtype);
      const int across = (columns + 31) / 32;
      ASSERT_EQ(tiles.size(), static_cast<std::size_t>((rows + 31) / 32 * across) *
                                  (dtype == DataType::BFLOAT8_B ? 1088U : 576U));
      std::vector<float> expected;
      for (int r = 0; r < rows; ++r) {
        for (int first = 0; first < columns; first += 16) {
          Values group_values{};
          for (int c = first; c < std::min(columns, first + 16); ++c) {
            group_values[static_cast<std::size_t>(c - first)] =
                values[static_cast<std::size_t>(r * columns + c)];
          }
          const BlockFloatGroup group = pack_block_float(group_values, dtype);
          const auto unpacked = unpack_block_float(group, dtype);
          const std::size_t tile = static_cast<std::size_t>(r / 32 * across + first / 32) * tile_bytes(dtype);
          const auto face = static_cast<std::size_t>(r % 32 / 16 * 2 + first % 32 / 16);
          const auto row = static_cast<std::size_t>(r % 16);
          EXPECT_EQ(std::to_integer<int>(tiles[tile + 16 * face + row]), int{group.exponent});
          for (std::size_t c = 0; c < 16; ++c) {
            const std::size_t offset = 256 * face + 16 * row + c;
            const int code =
                dtype == DataType::BFLOAT8_B
                    ? std::to_integer<int>(tiles[tile + 64 + offset])
                    : std::to_integer<int>(tiles[tile + 64 + offset / 2]) >> (offset % 2 * 4) & 0xF;
            ASSERT_EQ(code, int{group.codes[c]}) << r << ' ' << first << ' ' << c;
            if (first + static_cast<int>(c) < columns) {
              expected.push_back(unpacked[c]);
            }
          }
        }
      }
      EXPECT_EQ(unpack_tiles(tiles, rows, columns, dtype), expected);
    }
  }
}

TEST(BlockFloat, Errors) {
  expect_error(ExitCode::kFailure, {"[block_float]", "got BFLOAT16", "expected BFLOAT8_B or BFLOAT4_B"},
               [] { pack_block_float(Values{}, DataType::BFLOAT16); });
  expect_error(ExitCode::kFailure, {"[tiles] values of a [2, 3] matrix: got 5, expected 6"},
               [] { pack_tiles(std::vector<float>(5), 2, 3, DataType::BFLOAT8_B); });
  expect_error(ExitCode::kFailure, {"[tiles] bytes of the tiles of a [2, 3] matrix: got 1088, expected 576"},
               [] { unpack_tiles(std::vector<std::byte>(1088), 2, 3, DataType::BFLOAT4_B); });
  expect_error(ExitCode::kFailure, {"BFLOAT8_B", "no bytes of their own"},
               [] { size_of(DataType::BFLOAT8_B); });
}

}  // namespace
}  // namespace ttx::test
