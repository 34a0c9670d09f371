// SPDX-License-Identifier: Apache-2.0
#include "runtime/block_float_tiles.hpp"

#include <algorithm>
#include <array>

#include "runtime/block_float.hpp"
#include "runtime/error.hpp"
#include "runtime/shape.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "tiles";
constexpr std::int64_t kFace = kBlockFloatGroup;
constexpr std::int64_t kExponents = 4 * kFace;

/// A row of a face: where it lies in the matrix and in the bytes of all tiles.
struct FaceRow {
  std::int64_t row;
  std::int64_t column;
  std::size_t exponent_at;
  std::size_t codes_at;
};

/// Calls visit(FaceRow) for all rows of faces, those of padding too.
template <class Visit>
void for_each_face_row(std::int64_t rows, std::int64_t columns, DataType dtype, const Visit& visit) {
  const std::int64_t codes_per_byte = dtype == DataType::BFLOAT8_B ? 1 : 2;
  const auto size = static_cast<std::int64_t>(tile_bytes(dtype));
  const std::int64_t across = round_up(columns, kTile) / kTile;
  for (std::int64_t tile = 0; tile < round_up(rows, kTile) / kTile * across; ++tile) {
    for (std::int64_t i = 0; i < kExponents; ++i) {
      const std::int64_t face = i / kFace;
      visit({.row = tile / across * kTile + face / 2 * kFace + i % kFace,
             .column = tile % across * kTile + face % 2 * kFace,
             .exponent_at = static_cast<std::size_t>(tile * size + i),
             .codes_at = static_cast<std::size_t>(tile * size + kExponents + i * kFace / codes_per_byte)});
    }
  }
}

void check_sizes(std::size_t got, std::size_t expected, const char* what, std::int64_t rows,
                 std::int64_t columns) {
  TTX_CHECK(got == expected, kOp, "{} of a [{}, {}] matrix: got {}, expected {}", what, rows, columns, got,
            expected);
}

}  // namespace

std::vector<std::byte> pack_tiles(std::span<const float> values, std::int64_t rows, std::int64_t columns,
                                  DataType dtype) {
  block_float_of(dtype);
  const Shape shape{rows, columns};
  check_sizes(values.size(), static_cast<std::size_t>(shape.volume()), "values", rows, columns);
  const std::int64_t tiles = shape.padded_to_tile().volume() / (kTile * kTile);
  std::vector<std::byte> bytes(static_cast<std::size_t>(tiles) * tile_bytes(dtype));
  for_each_face_row(rows, columns, dtype, [&](const FaceRow& at) {
    std::array<float, kBlockFloatGroup> group_values{};
    const std::int64_t count = at.row < rows ? std::clamp<std::int64_t>(columns - at.column, 0, kFace) : 0;
    std::copy_n(values.begin() + (count == 0 ? 0 : at.row * columns + at.column), count,
                group_values.begin());
    const BlockFloatGroup group = pack_block_float(group_values, dtype);
    bytes[at.exponent_at] = std::byte{group.exponent};
    for (std::size_t i = 0; i < group.codes.size(); ++i) {
      const std::size_t place = dtype == DataType::BFLOAT8_B ? i : i / 2;
      const unsigned shift = dtype == DataType::BFLOAT4_B && i % 2 == 1 ? 4 : 0;
      bytes[at.codes_at + place] |= std::byte{group.codes[i]} << shift;
    }
  });
  return bytes;
}

std::vector<float> unpack_tiles(std::span<const std::byte> tiles, std::int64_t rows, std::int64_t columns,
                                DataType dtype) {
  block_float_of(dtype);
  const Shape shape{rows, columns};
  const std::int64_t count = shape.padded_to_tile().volume() / (kTile * kTile);
  check_sizes(tiles.size(), static_cast<std::size_t>(count) * tile_bytes(dtype), "bytes of the tiles", rows,
              columns);
  std::vector<float> values(static_cast<std::size_t>(shape.volume()));
  for_each_face_row(rows, columns, dtype, [&](const FaceRow& at) {
    const std::int64_t inside = at.row < rows ? std::clamp<std::int64_t>(columns - at.column, 0, kFace) : 0;
    BlockFloatGroup group;
    group.exponent = std::to_integer<std::uint8_t>(tiles[at.exponent_at]);
    for (std::size_t i = 0; i < group.codes.size(); ++i) {
      const std::size_t place = dtype == DataType::BFLOAT8_B ? i : i / 2;
      const auto both = std::to_integer<unsigned>(tiles[at.codes_at + place]);
      group.codes[i] =
          static_cast<std::uint8_t>(dtype == DataType::BFLOAT8_B ? both : both >> (i % 2 * 4) & 0xFU);
    }
    const auto unpacked = unpack_block_float(group, dtype);
    std::copy_n(unpacked.begin(), inside, values.begin() + (inside == 0 ? 0 : at.row * columns + at.column));
  });
  return values;
}

}  // namespace ttx
