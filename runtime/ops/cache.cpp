// SPDX-License-Identifier: Apache-2.0
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/cache_rows.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/device_limits.hpp"
#include "runtime/storage.hpp"

namespace ttx {

namespace {

/// `heads_dim` is the dim of the input that counts heads: 1 in prefill, 2 in decode.
void check(const Tensor& cache, const Tensor& input, int heads_dim, const char* op) {
  TTX_CHECK(cache.format() == Format::kKeyCache || cache.format() == Format::kValueCache, op,
            "cache: got {}, expected a tensor made by Tensor::cache", cache.describe());
  ops::check_activation_4d(input, op, "input");
  ops::check_same_device(cache, input, op);
  TTX_CHECK(input.shape()[0] == 1, op, "input: got {}, expected 1 in dim 0", input.describe());
  TTX_CHECK(input.shape()[heads_dim] == cache.shape()[1] && input.shape()[3] == cache.shape()[3], op,
            "heads or widths differ: got {}, expected {} heads of {} for {}", input.describe(),
            cache.shape()[1], cache.shape()[3], cache.describe());
  const bool both_whole = cache.placement().is_replicated() && input.placement().is_replicated();
  const bool both_by_head = cache.placement().is_sharded(1) && input.placement().is_sharded(heads_dim);
  TTX_CHECK(both_whole || both_by_head, op,
            "placements do not fit: got {} for {}; shard both by heads, or neither", input.describe(),
            cache.describe());
}

}  // namespace

void fill_cache(Tensor& cache, const Tensor& input, std::int64_t batch_idx, std::int64_t update_idx) {
  constexpr const char* kOp = "fill_cache";
  check(cache, input, 1, kOp);
  const std::int64_t users = cache.shape()[0];
  const std::int64_t length = cache.shape()[2];
  TTX_CHECK(batch_idx >= 0 && batch_idx < users, kOp, "batch_idx: got {}, expected 0 to {}", batch_idx,
            users - 1);
  TTX_CHECK(update_idx >= 0, kOp, "update_idx: got {}, expected a position of the cache", update_idx);
  TTX_CHECK_AS(input.shape()[2] <= length && update_idx <= length - input.shape()[2], ExitCode::kLength, kOp,
               "sequence too long: got {} positions from {} on, expected at most the cache length {}; raise "
               "max_seq_len or the cap of the cache",
               input.shape()[2], update_idx, length);
  ops::check_fill_cache(input);
  ops::CacheRows job;
  job.format = cache.format();
  job.rows = input.bf16().data();
  job.heads = cache.shape()[1];
  job.count = input.shape()[2];
  job.first = update_idx;
  job.head_dim = cache.shape()[3];
  job.head_stride = cache.storage().head_stride;
  job.cache = cache.storage().as<bfloat16>() + batch_idx * job.heads * job.head_stride;
  ops::write_heads(cache.device(), job);
}

namespace experimental {

void paged_update_cache(Tensor& cache, const Tensor& input, std::span<const std::int64_t> update_idxs) {
  constexpr const char* kOp = "paged_update_cache";
  check(cache, input, 2, kOp);
  const std::int64_t users = input.shape()[1];
  const std::int64_t length = cache.shape()[2];
  TTX_CHECK(users <= cache.shape()[0], kOp, "users: got {}, expected at most {} of {}", users,
            cache.shape()[0], cache.describe());
  TTX_CHECK(static_cast<std::int64_t>(update_idxs.size()) == users, kOp,
            "update_idxs: got {} entries, expected {}", update_idxs.size(), users);
  for (const std::int64_t position : update_idxs) {
    TTX_CHECK_AS(position >= -1 && position < length, ExitCode::kLength, kOp,
                 "position: got {}, expected -1 (skip) to {}; raise max_seq_len or the cap of the cache",
                 position, length - 1);
  }
  const std::int64_t heads = cache.shape()[1];
  const std::int64_t head_dim = cache.shape()[3];
  const auto write = ops::cache_writer(cache.format());
  for (std::int64_t user = 0; user < users; ++user) {
    const std::int64_t position = update_idxs[static_cast<std::size_t>(user)];
    for (std::int64_t head = 0; position >= 0 && head < heads; ++head) {
      kernels::CacheWriteCall call;
      call.rows = input.bf16().data() + (user * heads + head) * head_dim;
      call.stride = head_dim;
      call.count = 1;
      call.first = position;
      call.head_dim = head_dim;
      call.cache = cache.storage().as<bfloat16>() + (user * heads + head) * cache.storage().head_stride;
      write(call);
    }
  }
}

}  // namespace experimental
}  // namespace ttx
