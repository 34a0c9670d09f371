// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/dtype.hpp"
#include "runtime/host_tensor.hpp"
#include "runtime/host_values.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx {

/// Bytes of a panel of 32 columns of a linear weight with `k` rows; BFLOAT16 or a block float.
std::int64_t panel_bytes_of(std::int64_t k, DataType dtype);

/// Packs a checkpoint's [N, K], seen as [K, N], into panels of 32 columns straight from where it lies.
class PanelPacker {
 public:
  /// Rows `rows` (K) and columns `columns` (N) of `host`. Throws Error when it holds no floats.
  PanelPacker(const HostTensor& host, Range rows, Range columns, DataType dtype);

  std::int64_t panels() const;
  std::int64_t panel_bytes() const { return panel_bytes_of(rows_.size(), dtype_); }
  /// What packing one panel reads and writes.
  std::int64_t work_bytes() const;
  /// Panels [first, last), the first to `to`, which is 64-byte aligned, the others behind it. Safe from
  /// several threads.
  void pack(std::int64_t first, std::int64_t last, std::byte* to) const;

 private:
  HostValues values_;
  std::int64_t stride_;  ///< values from a column to the next
  Range rows_;
  Range columns_;
  DataType dtype_;
};

}  // namespace ttx
