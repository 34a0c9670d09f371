// SPDX-License-Identifier: Apache-2.0
#include "runtime/block_float_panels.hpp"

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

}  // namespace

std::vector<float> unpack_block_float_panels(const std::uint8_t* panels, std::int64_t k, std::int64_t n,
                                             DataType dtype) {
  const kernels::BlockFloat format = block_float_of(dtype);
  const int sign = format == kernels::BlockFloat::k8 ? 0x80 : 0x8;
  std::vector<float> values(static_cast<std::size_t>(k * n));
  for (std::int64_t i = 0; i < k; ++i) {
    const std::int64_t pair = i / 2 % kernels::kChunkPairs;
    const std::int64_t chunk_at = i / 2 / kernels::kChunkPairs * kernels::chunk_bytes(format);
    for (std::int64_t first = 0; first < n; first += kBlockFloatGroup) {
      const std::int64_t panel = first / kernels::kPanelColumns;
      const std::uint8_t* const chunk =
          panels + panel * kernels::block_float_panel_bytes(k, format) + chunk_at;
      const std::uint8_t* const line = chunk + kernels::kChunkExponents + pair * kernels::line_bytes(format);
      const std::int64_t column = first % kernels::kPanelColumns;
      BlockFloatGroup group;
      group.exponent = chunk[column / kBlockFloatGroup * kernels::kGroupExponents + 2 * pair + i % 2];
      for (std::int64_t c = 0; c < kBlockFloatGroup; ++c) {
        const int number = number_at(line, column + c, i % 2, format);
        group.codes[static_cast<std::size_t>(c)] =
            static_cast<std::uint8_t>(std::abs(number) | (number < 0 ? sign : 0));
      }
      const auto unpacked = unpack_block_float(group, dtype);
      for (std::int64_t c = 0; c < kBlockFloatGroup && first + c < n; ++c) {
        values[static_cast<std::size_t>(i * n + first + c)] = unpacked[static_cast<std::size_t>(c)];
      }
    }
  }
  return values;
}

}  // namespace ttx
