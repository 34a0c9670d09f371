// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/table.hpp"

namespace ttx::test {

using kernels::Bf16;

/// Attention of positions first .. first+rows-1 over keys and values 0 .. first+rows-1, plain layouts.
struct AttentionCase {
  std::int64_t rows;
  std::int64_t first;
  std::int64_t kv_heads;
  std::int64_t group;
  std::int64_t head_dim;
  float scale;
  std::vector<Bf16> q;       ///< [rows][heads][head_dim]
  std::vector<Bf16> keys;    ///< [kv_heads][first + rows][head_dim]
  std::vector<Bf16> values;  ///< the same
  float soft_cap = 0.0F;
  std::int64_t window = 0;

  std::int64_t heads() const { return kv_heads * group; }
  std::int64_t positions() const { return first + rows; }

  /// [rows][heads][head_dim], by the reference.
  std::vector<Bf16> expected() const;
  /// All rows and heads in one call.
  std::vector<Bf16> run(const kernels::Table& table) const;
  /// Rows in calls of `rows_per_call`, heads in calls of `heads_per_call`.
  std::vector<Bf16> run_in_parts(const kernels::Table& table, std::int64_t rows_per_call,
                                 std::int64_t heads_per_call) const;
};

AttentionCase normal_attention(std::int64_t rows, std::int64_t first, std::int64_t kv_heads,
                               std::int64_t group, std::int64_t head_dim, std::uint64_t seed);

/// Both caches as the kernels write them, the positions beyond full of NaNs and infinities.
struct Caches {
  std::vector<Bf16> keys;
  std::vector<Bf16> values;
  std::int64_t kv_head_stride;
};
Caches write_caches(const kernels::Table& table, const AttentionCase& problem);

}  // namespace ttx::test
