// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/device_numerics/matrix_unit.hpp"

namespace ttx::device_numerics {

/// Rows of operand 0 in their parts.
class SplitRows {
 public:
  SplitRows(const bfloat16* rows, std::int64_t stride, std::int64_t count, std::int64_t width)
      : width_(width),
        high_(static_cast<std::size_t>(count * width)),
        low_(static_cast<std::size_t>(count * width)) {
    for (std::int64_t row = 0; row < count; ++row) {
      set(row, rows + row * stride);
    }
  }
  /// Zeros.
  SplitRows(std::int64_t count, std::int64_t width)
      : width_(width),
        high_(static_cast<std::size_t>(count * width)),
        low_(static_cast<std::size_t>(count * width)) {}

  /// The values of one row.
  void set(std::int64_t row, const bfloat16* values) {
    for (std::int64_t i = 0; i < width_; ++i) {
      const Parts parts = operand0_parts(values[i]);
      high_[static_cast<std::size_t>(row * width_ + i)] = parts.high;
      low_[static_cast<std::size_t>(row * width_ + i)] = parts.low;
    }
  }

  /// From column `first` on.
  RowTile tile(std::int64_t row, std::int64_t first) const {
    return {high_.data() + row * width_ + first, low_.data() + row * width_ + first};
  }

 private:
  std::int64_t width_;
  std::vector<float> high_;
  std::vector<float> low_;
};

}  // namespace ttx::device_numerics
