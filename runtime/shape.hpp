// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>

namespace ttx {

/// Letters used in shape comments of the whole tree:
///   B users of a decode batch   S sequence   H hidden   I intermediate   V vocabulary
///   Nq, Nkv query and KV heads  D head dim   L cache length              tp devices
/// Local (per-device) sizes always show the division: [1, 1, S, H/tp].

/// A side of a tile.
inline constexpr std::int64_t kTile = 32;

constexpr std::int64_t round_up(std::int64_t value, std::int64_t unit) {
  return (value + unit - 1) / unit * unit;
}

/// The logical shape of a tensor: 1 to 8 sizes, each >= 0.
class Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  /// Throws Error on a negative size or a rank above 8.
  Shape(std::initializer_list<std::int64_t> sizes);
  explicit Shape(std::span<const std::int64_t> sizes);

  int rank() const { return rank_; }
  /// Negative dims count from the end. Throws Error when out of range.
  std::int64_t operator[](int dim) const;
  /// A copy with one size replaced.
  Shape with(int dim, std::int64_t size) const;
  /// Product of the sizes; 1 for rank 0. Throws Error beyond 2^62.
  std::int64_t volume() const;
  /// Both last sizes rounded up to the tile: what the device allocates in TILE layout. Derived, never stored.
  Shape padded_to_tile() const;
  /// "[1, 1, 32, 1024]"
  std::string to_string() const;

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::array<std::int64_t, kMaxRank> sizes_{};
  int rank_ = 0;
};

/// Maps a dim in [-rank, rank) to [0, rank). Throws Error naming `op` otherwise.
int normalize_dim(int dim, int rank, const char* op);

}  // namespace ttx
