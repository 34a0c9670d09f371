// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "runtime/shard_plan.hpp"

namespace ttx {

/// How the heads of attention are dealt to a line of devices when their counts need not divide: pure
/// arithmetic, the same on every rank. Query head h reads KV head h / group, group = Nq / Nkv.
///
/// The cut is made for eight devices first, so that 1, 2, 4 and 8 devices form the same sums:
///   - kEven: Nkv is a multiple of 8. Nothing is padded.
///   - kRepeated: Nkv is 1, 2 or 4 and Nq a multiple of 8. A KV head is held by every device that has query
///     heads of it (Gemma 3's 8 / 4).
///   - kPadded: otherwise zero heads are appended, KV heads up to a multiple of 8 and `group` query heads for
///     each (Falcon3's 12 / 4 become 24 / 8). Zero heads have zero weights, give zeros, and add zeros to the
///     sum, so no bit changes. One device, and several over which an Nkv of 1, 2 or 4 divides, hold real
///     heads only, and the zeros are empty blocks of the sum.
/// Numbers of devices that do not divide 8 are cut by the same three rules for themselves, and their sum has
/// one block a device.
class HeadPlan {
 public:
  enum class Kind { kEven, kRepeated, kPadded };

  /// Throws Error(kCheckpoint) unless Nq is a positive multiple of a positive Nkv.
  HeadPlan(std::int64_t num_heads, std::int64_t num_kv_heads, const ShardPlan& plan);

  Kind kind() const { return kind_; }
  /// Of the checkpoint.
  std::int64_t num_heads() const { return num_heads_; }
  std::int64_t num_kv_heads() const { return num_kv_heads_; }
  /// Of every device, zero heads included.
  std::int64_t heads_per_device() const { return heads_per_device_; }
  std::int64_t kv_heads_per_device() const { return kv_heads_per_device_; }
  /// The checkpoint's heads that device `device` holds; what its counts have beyond them are zero heads.
  Range query_heads(int device) const;
  Range kv_heads(int device) const;
  /// How a device's rows of the output projection are summed, `head_dim` rows for each of its query heads;
  /// the same on all devices.
  SumBlocks sum_blocks(std::int64_t head_dim) const;
  /// "12 / 4 heads: 3 / 1 on each of 8 devices, zero heads appended up to 24 / 8"
  std::string to_string() const;

 private:
  std::int64_t num_heads_;
  std::int64_t num_kv_heads_;
  std::int64_t group_;
  int devices_;
  Kind kind_ = Kind::kEven;
  std::int64_t heads_per_device_ = 0;
  std::int64_t kv_heads_per_device_ = 0;
  bool zeros_left_out_ = false;  ///< kPadded where no device needs a zero head
};

}  // namespace ttx
