// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace ttx {

/// Rows and columns of devices; the line of devices is this grid in row-major order.
struct MeshShape {
  int rows = 1;
  int cols = 1;
  int devices() const { return rows * cols; }
  /// "(2, 4)"
  std::string to_string() const;
  friend bool operator==(const MeshShape&, const MeshShape&) = default;
};

/// Half-open.
struct Range {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
  friend bool operator==(const Range&, const Range&) = default;
};

/// The parts that a row-parallel sum is accumulated in on one device: `end[i]` is the end of block i,
/// relative to the device's own first k. Block ends are even except the last.
struct SumBlocks {
  std::array<std::int64_t, 8> end{};
  int count = 1;
};

/// How a dimension is cut over the devices of a line: pure arithmetic, the same on every rank.
///
/// The canonical cut is the one for eight devices; 1, 2 and 4 devices hold merges of its pieces, which is why
/// their sums can be formed in the same order. A dimension is counted in units of 32 (16 below 256, 2 below
/// 128) and piece i of n holds units [i*units/n, (i+1)*units/n), so pieces are equal whenever the extent
/// divides by 256 (128, 16). From 128 on, groups of 16 columns that share an exponent stay whole. Line counts
/// that do not divide eight are cut directly and have one sum block each.
class ShardPlan {
 public:
  /// Throws Error(kMesh) unless 1 <= devices <= 64.
  explicit ShardPlan(int devices);

  int devices() const { return devices_; }
  /// Device `device`'s range of a dimension of `extent`. Throws Error(kMesh) when the dimension is too small
  /// to give every device a piece (`what` names it in the message).
  Range piece(std::int64_t extent, int device, const std::string& what) const;
  /// The canonical sum blocks that lie in that piece. Throws as `piece`.
  SumBlocks sum_blocks(std::int64_t extent, int device, const std::string& what) const;

 private:
  int devices_;
};

}  // namespace ttx
