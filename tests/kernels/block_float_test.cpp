// SPDX-License-Identifier: Apache-2.0
// The format in the kernels: rounding a row through it, and the places in a packed panel.
#include <algorithm>

#include "tests/kernels/block_float_reference.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using namespace kernels;

class BlockFloats : public IsaTest {};
TTX_FOR_EVERY_ISA(BlockFloats);

constexpr BlockFloat kFormats[] = {BlockFloat::k8, BlockFloat::k4};

std::vector<Bf16> through(const Table& table, const std::vector<Bf16>& x, BlockFloat format) {
  std::vector<Bf16> out(x.size());
  table.through_block_float({x.data(), static_cast<std::int64_t>(x.size()), format, out.data()});
  return out;
}

TEST_P(BlockFloats, EveryBf16BesideEveryGreatestExponent) {
  // Groups of 15 of all 65,536 values and one that decides the exponent, at all distances.
  for (const BlockFloat format : kFormats) {
    for (unsigned greatest = 0; greatest < 256; greatest += greatest < 16 || greatest > 250 ? 1 : 9) {
      std::vector<Bf16> x;
      for (unsigned bits = 0; bits < 0x10000U; ++bits) {
        if (x.size() % 16 == 0) {
          x.push_back({static_cast<std::uint16_t>(greatest << 7U)});
        }
        x.push_back({static_cast<std::uint16_t>(bits)});
        if ((bits >> 7U & 0xFFU) > greatest) {
          x.back() = {static_cast<std::uint16_t>(bits & 0x807FU)};  // a denormal or zero instead
        }
      }
      const std::vector<Bf16> expected =
          reference::through_block_float(x, static_cast<std::int64_t>(x.size()), format);
      ASSERT_TRUE(same_bits(through(table(), x, format), expected)) << "greatest exponent " << greatest;
    }
  }
}

TEST_P(BlockFloats, RowsOfAnyLengthInPlace) {
  Samples samples(701);
  for (const BlockFloat format : kFormats) {
    for (std::int64_t count = 0; count < 70; ++count) {
      const std::vector<Bf16> x = Samples::vector(count, [&] { return samples.any_bits(); });
      std::vector<Bf16> out = x;
      out.push_back({0x1234});
      table().through_block_float({out.data(), count, format, out.data()});
      std::vector<Bf16> expected = count == 0 ? x : reference::through_block_float(x, count, format);
      expected.push_back({0x1234});
      ASSERT_TRUE(same_bits(out, expected)) << count;
    }
  }
}

TEST_P(BlockFloats, ValuesOfTheFormatStayThemselves) {
  Samples samples(702);
  for (const BlockFloat format : kFormats) {
    const std::vector<Bf16> x = through(table(), samples.normal_vector(16 * 500), format);
    EXPECT_TRUE(same_bits(through(table(), x, format), x));
  }
}

/// The bytes of a panel by kernels/block_float.hpp.
std::vector<std::uint8_t> expected_panel(const std::vector<Bf16>& w, std::int64_t stride,
                                         std::int64_t columns, std::int64_t k, BlockFloat format) {
  std::vector<std::uint8_t> panel(static_cast<std::size_t>(block_float_panel_bytes(k, format)), 0);
  for (auto chunk = panel.begin(); chunk != panel.end(); chunk += chunk_bytes(format)) {
    std::fill_n(chunk, 64, std::uint8_t{133});  // of the zeros beyond k
  }
  for (std::int64_t i = 0; i < k; ++i) {
    std::uint8_t* const chunk = panel.data() + i / 32 * chunk_bytes(format);
    for (std::int64_t group = 0; group < 2; ++group) {
      std::vector<Bf16> values;
      for (std::int64_t column = 16 * group; column < 16 * group + 16; ++column) {
        values.push_back(column < columns ? w[static_cast<std::size_t>(column * stride + i)] : Bf16{0});
      }
      const reference::BlockFloatGroup packed = reference::block_float_group(values, format);
      chunk[group * 32 + i % 32] =
          packed.exponent == 0 ? std::uint8_t{133} : static_cast<std::uint8_t>(packed.exponent);
      for (std::int64_t column = 16 * group; column < 16 * group + 16; ++column) {
        const int packed_number = packed.numbers[static_cast<std::size_t>(column % 16)];
        const int number = packed.exponent == 0 ? 0 : packed_number;
        std::uint8_t* const line = chunk + 64 + i % 32 / 2 * line_bytes(format);
        if (format == BlockFloat::k8) {
          line[2 * column + i % 2] = static_cast<std::uint8_t>(number);
        } else {
          line[column] |= static_cast<std::uint8_t>((number & 0xF) << (i % 2 == 0 ? 0 : 4));
        }
      }
    }
  }
  return panel;
}

TEST_P(BlockFloats, PanelsLieAsDocumented) {
  Samples samples(703);
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t columns : {1, 15, 16, 17, 32}) {
      for (const std::int64_t k : {1, 2, 31, 32, 33, 64, 95, 129}) {
        const std::int64_t stride = k + 3;
        const std::vector<Bf16> w = Samples::vector(columns * stride, [&] {
          return samples.next() % 4 == 0 ? samples.any_bits() : reference::round(samples.normal());
        });
        const auto bytes = static_cast<std::size_t>(block_float_panel_bytes(k, format));
        const std::vector<std::uint8_t> expected = expected_panel(w, stride, columns, k, format);
        // At any address; what is there before must not matter.
        for (std::size_t shift = 0; shift < 64; shift += 13) {
          std::vector<std::uint8_t> memory(bytes + 128, 0xAB);
          const auto start = reinterpret_cast<std::uintptr_t>(memory.data());
          std::uint8_t* const panel = memory.data() + (64 - start % 64) % 64 + shift % 64;
          if (panel + bytes + 1 > memory.data() + memory.size()) {
            continue;
          }
          table().pack_block_float({w.data(), stride, columns, k, format, panel});
          ASSERT_TRUE(std::equal(expected.begin(), expected.end(), panel))
              << "columns " << columns << " k " << k;
          EXPECT_EQ(panel[bytes], 0xAB);
        }
      }
    }
  }
}

}  // namespace
}  // namespace ttx::test
