// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/attention_cases.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "tests/kernels/reference.hpp"
#include "tests/kernels/reference_attention.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {

using namespace kernels;

AttentionCase normal_attention(std::int64_t rows, std::int64_t first, std::int64_t kv_heads,
                               std::int64_t group, std::int64_t head_dim, std::uint64_t seed) {
  Samples samples(seed);
  AttentionCase made{.rows = rows,
                     .first = first,
                     .kv_heads = kv_heads,
                     .group = group,
                     .head_dim = head_dim,
                     .scale = 1.0F / std::sqrt(static_cast<float>(head_dim)),
                     .q = samples.normal_vector(rows * kv_heads * group * head_dim, 1.5F),
                     .keys = samples.normal_vector(kv_heads * (first + rows) * head_dim, 1.5F),
                     .values = samples.normal_vector(kv_heads * (first + rows) * head_dim)};
  return made;
}

Caches write_caches(const Table& table, const AttentionCase& problem) {
  const std::int64_t length = (problem.positions() + kKeyBlock - 1) / kKeyBlock * kKeyBlock;
  const std::int64_t stride = length * problem.head_dim;
  const auto size = static_cast<std::size_t>(problem.kv_heads * stride);
  Caches caches{std::vector<Bf16>(size), std::vector<Bf16>(size), stride};
  constexpr Bf16 kStale[] = {{0x7FC0}, {0xFF80}, {0x7F80}, {0xFFFF}, {0x7F7F}};
  for (std::size_t i = 0; i < size; ++i) {
    caches.keys[i] = kStale[i % 5];
    caches.values[i] = kStale[i * 7 / 3 % 5];
  }
  for (std::int64_t head = 0; head < problem.kv_heads; ++head) {
    const std::int64_t plain = head * problem.positions() * problem.head_dim;
    const auto write = [&](auto kernel, const std::vector<Bf16>& from, std::vector<Bf16>& cache) {
      kernel({.rows = from.data() + plain,
              .stride = problem.head_dim,
              .count = problem.positions(),
              .first = 0,
              .head_dim = problem.head_dim,
              .cache = cache.data() + head * stride});
    };
    write(table.write_keys, problem.keys, caches.keys);
    write(table.write_values, problem.values, caches.values);
  }
  return caches;
}

std::vector<Bf16> AttentionCase::run_in_parts(const Table& table, std::int64_t rows_per_call,
                                              std::int64_t heads_per_call) const {
  const Caches caches = write_caches(table, *this);
  std::vector<Bf16> out(q.size(), Bf16{0x1234});
  const std::int64_t row_stride = heads() * head_dim;
  for (std::int64_t row = 0; row < rows; row += rows_per_call) {
    for (std::int64_t head = 0; head < heads(); head += heads_per_call) {
      AttentionCall call;
      call.q = q.data() + row * row_stride;
      call.q_row_stride = row_stride;
      call.q_head_stride = head_dim;
      call.rows = std::min(rows_per_call, rows - row);
      call.first = first + row;
      call.first_head = head;
      call.last_head = std::min(head + heads_per_call, heads());
      call.group = group;
      call.keys = caches.keys.data();
      call.values = caches.values.data();
      call.kv_head_stride = caches.kv_head_stride;
      call.head_dim = head_dim;
      call.scale = scale;
      call.soft_cap = soft_cap;
      call.window = window;
      call.out = out.data() + row * row_stride;
      call.out_row_stride = row_stride;
      call.out_head_stride = head_dim;
      table.attention(call);
    }
  }
  return out;
}

std::vector<Bf16> AttentionCase::run(const Table& table) const { return run_in_parts(table, rows, heads()); }

std::vector<Bf16> AttentionCase::expected() const {
  std::vector<Bf16> out;
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t head = 0; head < heads(); ++head) {
      const std::int64_t plain = head / group * positions() * head_dim;
      const std::vector<Bf16> one =
          reference::attend_row(q.data() + (row * heads() + head) * head_dim, keys.data() + plain,
                                values.data() + plain, first + row, head_dim, {scale, soft_cap, window});
      out.insert(out.end(), one.begin(), one.end());
    }
  }
  return out;
}

}  // namespace ttx::test
