// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/attention.hpp"

#include <algorithm>

#include "runtime/buffer_pool.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/attention_calls.hpp"
#include "runtime/ops/cache_rows.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"

namespace ttx::transformer {

namespace {

// Query positions that one thread takes together: a multiple of the kernel's row tile for any number of
// heads.
constexpr std::int64_t kChunk = 2 * kernels::kRowTile;

/// Place i of `count` when taken from both ends in turn. Later positions cost more, so equal ranges of places
/// are equal work.
std::int64_t from_both_ends(std::int64_t i, std::int64_t count) {
  return i % 2 == 0 ? i / 2 : count - 1 - i / 2;
}

/// Attention of q [1, Nq, S, D], S positions from `first` on, over the keys and values of the call.
Tensor prefill(const Tensor& q, kernels::AttentionCall call, std::int64_t kv_heads, std::int64_t first,
               const AttentionOptions& options) {
  const std::int64_t rows = q.shape()[2];
  const std::int64_t head_dim = q.shape()[3];
  Device& device = q.device();
  Tensor out = ops::new_activation(q, q.shape(), q.placement());
  call.q_row_stride = call.out_row_stride = head_dim;
  call.q_head_stride = call.out_head_stride = rows * head_dim;
  call.group = q.shape()[1] / kv_heads;
  call.head_dim = head_dim;
  ops::apply(options, call);
  const bfloat16* const queries = q.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  const std::int64_t chunks = (rows + kChunk - 1) / kChunk;
  ops::parallel(device, kv_heads * chunks, call.group * kChunk * (first + rows) * head_dim,
                [&](std::int64_t begin, std::int64_t last) {
                  for (std::int64_t i = begin; i < last; ++i) {
                    kernels::AttentionCall part = call;
                    const std::int64_t row = from_both_ends(i % chunks, chunks) * kChunk;
                    part.first = first + row;
                    part.rows = std::min(kChunk, rows - row);
                    part.first_head = i / chunks * call.group;
                    part.last_head = part.first_head + call.group;
                    part.q = queries + row * head_dim;
                    part.out = result + row * head_dim;
                    ops::attend(device, part, options, device_numerics::kPrefillChunk);
                  }
                });
  return out;
}

}  // namespace

Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const AttentionOptions& options) {
  constexpr const char* kOp = "scaled_dot_product_attention";
  ops::check_activation_4d(q, kOp, "q");
  ops::check_activation_4d(k, kOp, "k");
  ops::check_activation_4d(v, kOp, "v");
  ops::check_same_device(q, k, kOp);
  ops::check_same_device(q, v, kOp);
  ops::check_head_dim(q, kOp);
  TTX_CHECK(k.shape() == v.shape() && q.shape()[0] == 1 && k.shape().with(1, q.shape()[1]) == q.shape(), kOp,
            "shapes do not fit: got {}, {} and {}, expected q [1, Nq, S, D], k and v [1, Nkv, S, D]",
            q.describe(), k.describe(), v.describe());
  TTX_CHECK(q.placement() == k.placement() && k.placement() == v.placement() &&
                (q.placement().is_replicated() || q.placement().is_sharded(1)),
            kOp, "placements do not fit: got {}, {} and {}, expected all replicated or all sharded on dim 1",
            q.describe(), k.describe(), v.describe());
  ops::check_options(options, kOp);
  const std::int64_t kv_heads = k.shape()[1];
  ops::check_group(q.shape()[1], kv_heads, kOp);
  const std::int64_t rows = q.shape()[2];
  const std::int64_t head_dim = q.shape()[3];
  Device& device = q.device();

  const std::int64_t head_stride = round_up(rows, kernels::kKeyBlock) * head_dim;
  const auto cache_bytes = static_cast<std::size_t>(kv_heads * head_stride) * sizeof(bfloat16);
  const Scratch keys(device.buffers(), cache_bytes);
  const Scratch values(device.buffers(), cache_bytes);
  const auto write = [&](Format format, const Tensor& heads, bfloat16* cache) {
    ops::write_heads(
        device, {format, heads.bf16().data(), kv_heads, rows, /*first=*/0, head_dim, cache, head_stride});
  };
  write(Format::kKeyCache, k, keys.as<bfloat16>());
  write(Format::kValueCache, v, values.as<bfloat16>());

  kernels::AttentionCall call;
  call.keys = keys.as<bfloat16>();
  call.values = values.as<bfloat16>();
  call.kv_head_stride = head_stride;
  return prefill(q, call, kv_heads, 0, options);
}

Tensor chunked_scaled_dot_product_attention(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                                            std::int64_t batch_idx, std::int64_t chunk_start_idx,
                                            const AttentionOptions& options) {
  constexpr const char* kOp = "chunked_scaled_dot_product_attention";
  ops::check_activation_4d(q, kOp, "q");
  ops::check_caches(q, k_cache, v_cache, kOp);
  TTX_CHECK(k_cache.shape() == v_cache.shape() && q.shape()[0] == 1 && q.shape()[3] == k_cache.shape()[3],
            kOp,
            "shapes do not fit: got {}, {} and {}, expected q [1, Nq, S, D] and caches [users, Nkv, L, D]",
            q.describe(), k_cache.describe(), v_cache.describe());
  ops::check_cache_placements(q, 1, k_cache, v_cache, kOp);
  ops::check_options(options, kOp);
  const std::int64_t kv_heads = k_cache.shape()[1];
  ops::check_group(q.shape()[1], kv_heads, kOp);
  const std::int64_t users = k_cache.shape()[0];
  TTX_CHECK(batch_idx >= 0 && batch_idx < users, kOp, "batch_idx: got {}, expected 0 to {}", batch_idx,
            users - 1);
  const std::int64_t rows = q.shape()[2];
  const std::int64_t length = k_cache.shape()[2];
  TTX_CHECK(chunk_start_idx >= 0, kOp, "chunk_start_idx: got {}, expected a position of the cache",
            chunk_start_idx);
  TTX_CHECK_AS(rows <= length && chunk_start_idx <= length - rows, ExitCode::kLength, kOp,
               "chunk too long: got {} positions from {} on, expected at most the cache length {}; raise "
               "max_seq_len or the cap of the cache",
               rows, chunk_start_idx, length);

  const std::int64_t user = batch_idx * kv_heads * k_cache.storage().head_stride;
  kernels::AttentionCall call;
  call.keys = k_cache.storage().as<bfloat16>() + user;
  call.values = v_cache.storage().as<bfloat16>() + user;
  call.kv_head_stride = k_cache.storage().head_stride;
  return prefill(q, call, kv_heads, chunk_start_idx, options);
}

}  // namespace ttx::transformer
