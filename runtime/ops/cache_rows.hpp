// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/table.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/tensor.hpp"

namespace ttx::ops {

/// Heads [heads][count][head_dim] on their way into a cache whose heads are head_stride apart.
struct CacheRows {
  Format format = Format::kKeyCache;
  const bfloat16* rows = nullptr;
  std::int64_t heads = 0;
  std::int64_t count = 0;
  std::int64_t first = 0;  ///< the position of the first
  std::int64_t head_dim = 0;
  bfloat16* cache = nullptr;  ///< of head 0
  std::int64_t head_stride = 0;
};

inline auto cache_writer(Format format) {
  const kernels::Table& kernels = kernels::active();
  return format == Format::kKeyCache ? kernels.write_keys : kernels.write_values;
}

/// Writes positions first..first+count-1 of every head. Cut at key blocks, so threads write no line together.
inline void write_heads(Device& device, const CacheRows& job) {
  const auto write = cache_writer(job.format);
  const std::int64_t first_block = job.first / kernels::kKeyBlock;
  const std::int64_t end = job.first + job.count;
  const std::int64_t blocks = (end + kernels::kKeyBlock - 1) / kernels::kKeyBlock - first_block;
  const std::int64_t bytes = 4 * kernels::kKeyBlock * job.head_dim;
  parallel(device, job.heads * blocks, bytes, [&](std::int64_t begin, std::int64_t last) {
    for (std::int64_t i = begin; i < last; ++i) {
      const std::int64_t head = i / blocks;
      const std::int64_t block = (first_block + i % blocks) * kernels::kKeyBlock;
      kernels::CacheWriteCall call;
      call.first = std::max(job.first, block);
      call.count = std::min(end, block + kernels::kKeyBlock) - call.first;
      call.rows = job.rows + (head * job.count + call.first - job.first) * job.head_dim;
      call.stride = job.head_dim;
      call.head_dim = job.head_dim;
      call.cache = job.cache + head * job.head_stride;
      write(call);
    }
  });
}

}  // namespace ttx::ops
