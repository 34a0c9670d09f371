// SPDX-License-Identifier: Apache-2.0
#include "runtime/block_float_panels.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>

#include "runtime/block_float.hpp"

namespace ttx {

namespace {

/// The signed number of an element of a line.
int number_at(const std::uint8_t* line, std::int64_t column, std::int64_t parity,
              kernels::BlockFloat format) {
  if (format == kernels::BlockFloat::k8) {
    return static_cast<std::int8_t>(line[2 * column + parity]);
  }
  const int nibble = parity == 0 ? line[column] & 0xF : line[column] >> 4;
  return nibble < 8 ? nibble : nibble - 16;
}

/// The 16 values of one k, first in line `line` at `column`, by the rule for every exponent.
void unpack_group(const std::uint8_t* line, std::int64_t column, std::int64_t parity, std::uint8_t exponent,
                  kernels::BlockFloat format, bfloat16* values) {
  const int sign = format == kernels::BlockFloat::k8 ? 0x80 : 0x8;
  BlockFloatGroup group;
  group.exponent = exponent;
  for (std::int64_t c = 0; c < kBlockFloatGroup; ++c) {
    const int number = number_at(line, column + c, parity, format);
    group.codes[static_cast<std::size_t>(c)] =
        static_cast<std::uint8_t>(std::abs(number) | (number < 0 ? sign : 0));
  }
  const auto unpacked = unpack_block_float(
      group, format == kernels::BlockFloat::k8 ? DataType::BFLOAT8_B : DataType::BFLOAT4_B);
  for (std::int64_t c = 0; c < kBlockFloatGroup; ++c) {
    values[2 * c] = to_bfloat16(unpacked[static_cast<std::size_t>(c)]);
  }
}

}  // namespace

void unpack_block_float_chunk(const std::uint8_t* chunk, kernels::BlockFloat format,
                              std::span<bfloat16, kChunkValues> values) {
  // What is to be taken off an exponent to have that of the unit of its numbers.
  const unsigned offset = format == kernels::BlockFloat::k8 ? 6 : 2;
  for (std::int64_t k = 0; k < 2 * kernels::kChunkPairs; ++k) {
    const std::int64_t parity = k % 2;
    const std::uint8_t* const line = chunk + kernels::kChunkExponents + k / 2 * kernels::line_bytes(format);
    for (std::int64_t column = 0; column < kernels::kPanelColumns; column += kBlockFloatGroup) {
      const std::uint8_t exponent = chunk[column / kBlockFloatGroup * kernels::kGroupExponents + k];
      bfloat16* const group = values.data() + k / 2 * 2 * kernels::kPanelColumns + 2 * column + parity;
      if (exponent <= offset || exponent == 255) {
        unpack_group(line, column, parity, exponent, format, group);
        continue;
      }
      const float unit = std::bit_cast<float>((exponent - offset) << 23U);
      for (std::int64_t c = 0; c < kBlockFloatGroup; ++c) {
        const float value = static_cast<float>(number_at(line, column + c, parity, format)) * unit;
        group[2 * c] = {static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(value) >> 16U)};
      }
    }
  }
}

std::vector<float> unpack_block_float_panels(const std::uint8_t* panels, std::int64_t k, std::int64_t n,
                                             DataType dtype) {
  constexpr std::int64_t kRows = 2 * kernels::kChunkPairs;
  const kernels::BlockFloat format = block_float_of(dtype);
  std::vector<float> values(static_cast<std::size_t>(k * n));
  std::array<bfloat16, kChunkValues> chunk{};
  for (std::int64_t panel = 0; panel < kernels::panel_count(n); ++panel) {
    const std::uint8_t* const at = panels + panel * kernels::block_float_panel_bytes(k, format);
    const std::int64_t first = panel * kernels::kPanelColumns;
    const std::int64_t columns = std::min(kernels::kPanelColumns, n - first);
    for (std::int64_t i = 0; i < k; ++i) {
      if (i % kRows == 0) {
        unpack_block_float_chunk(at + i / kRows * kernels::chunk_bytes(format), format, chunk);
      }
      const std::int64_t line = i % kRows / 2 * (2 * kernels::kPanelColumns) + i % 2;
      for (std::int64_t c = 0; c < columns; ++c) {
        values[static_cast<std::size_t>(i * n + first + c)] =
            to_float(chunk[static_cast<std::size_t>(line + 2 * c)]);
      }
    }
  }
  return values;
}

}  // namespace ttx
