// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/attention.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/buffer_pool.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/cache_rows.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/device_limits.hpp"
#include "runtime/storage.hpp"

namespace ttx::transformer {

namespace {

// Query positions that one thread takes together: a multiple of the kernel's row tile for any number of
// heads.
constexpr std::int64_t kChunk = 2 * kernels::kRowTile;

void check_head_dim(const Tensor& q, const char* op) {
  const std::int64_t head_dim = q.shape()[3];
  TTX_CHECK(head_dim % 32 == 0 && head_dim >= 32 && head_dim <= 256, op,
            "head dim: got {} in {}, expected a multiple of 32 up to 256; pad the heads", head_dim,
            q.describe());
}

void check_group(std::int64_t heads, std::int64_t kv_heads, const char* op) {
  TTX_CHECK(kv_heads >= 1 && heads >= kv_heads && heads % kv_heads == 0, op,
            "heads: got {} query heads over {} KV heads, expected a multiple", heads, kv_heads);
}

void check_options(const AttentionOptions& options, const char* op) {
  TTX_CHECK(options.sliding_window_size.value_or(1) >= 1, op,
            "sliding_window_size: got {}, expected at least 1; leave it out to see all keys",
            options.sliding_window_size.value_or(0));
  const float cap = options.logit_softcap.value_or(1.0F);
  TTX_CHECK(cap > 0.0F && std::isfinite(cap), op,
            "logit_softcap: got {}, expected a number above 0; leave it out for none", cap);
}

/// What the options say to the kernel.
void apply(const AttentionOptions& options, kernels::AttentionCall& call) {
  call.scale = options.scale.value_or(1.0F / std::sqrt(static_cast<float>(call.head_dim)));
  call.soft_cap = options.logit_softcap.value_or(0.0F);
  call.window = options.sliding_window_size.value_or(0);
}

/// Attention by the arithmetic of the device; `chunk` is that of the hardware.
void attend(const Device& device, const kernels::AttentionCall& call, const AttentionOptions& options,
            std::int64_t chunk) {
  if (device.profile().numerics == Numerics::kDevice) {
    device_numerics::attention(
        call, options.compute_kernel_config.value_or(device_numerics::kAttentionConfig), chunk);
  } else {
    kernels::active().attention(call);
  }
}

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
  apply(options, call);
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
                    attend(device, part, options, device_numerics::kPrefillChunk);
                  }
                });
  return out;
}

void check_caches(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache, const char* op) {
  TTX_CHECK(k_cache.format() == Format::kKeyCache && v_cache.format() == Format::kValueCache, op,
            "caches: got {} and {}, expected a key cache and a value cache made by Tensor::cache",
            k_cache.describe(), v_cache.describe());
  ops::check_same_device(q, k_cache, op);
  ops::check_same_device(q, v_cache, op);
}

/// `heads_dim` is the dim of q that counts heads.
void check_cache_placements(const Tensor& q, int heads_dim, const Tensor& k_cache, const Tensor& v_cache,
                            const char* op) {
  const bool whole = q.placement().is_replicated() && k_cache.placement().is_replicated();
  const bool by_head = q.placement().is_sharded(heads_dim) && k_cache.placement().is_sharded(1);
  TTX_CHECK((whole || by_head) && k_cache.placement() == v_cache.placement(), op,
            "placements do not fit: got {}, {} and {}, expected all sharded by heads (dim {} of q, dim 1 of "
            "the caches), or none",
            q.describe(), k_cache.describe(), v_cache.describe(), heads_dim);
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
  check_head_dim(q, kOp);
  TTX_CHECK(k.shape() == v.shape() && q.shape()[0] == 1 && k.shape().with(1, q.shape()[1]) == q.shape(), kOp,
            "shapes do not fit: got {}, {} and {}, expected q [1, Nq, S, D], k and v [1, Nkv, S, D]",
            q.describe(), k.describe(), v.describe());
  TTX_CHECK(q.placement() == k.placement() && k.placement() == v.placement() &&
                (q.placement().is_replicated() || q.placement().is_sharded(1)),
            kOp, "placements do not fit: got {}, {} and {}, expected all replicated or all sharded on dim 1",
            q.describe(), k.describe(), v.describe());
  check_options(options, kOp);
  const std::int64_t kv_heads = k.shape()[1];
  check_group(q.shape()[1], kv_heads, kOp);
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
  check_caches(q, k_cache, v_cache, kOp);
  TTX_CHECK(k_cache.shape() == v_cache.shape() && q.shape()[0] == 1 && q.shape()[3] == k_cache.shape()[3],
            kOp,
            "shapes do not fit: got {}, {} and {}, expected q [1, Nq, S, D] and caches [users, Nkv, L, D]",
            q.describe(), k_cache.describe(), v_cache.describe());
  check_cache_placements(q, 1, k_cache, v_cache, kOp);
  check_options(options, kOp);
  const std::int64_t kv_heads = k_cache.shape()[1];
  check_group(q.shape()[1], kv_heads, kOp);
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

Tensor scaled_dot_product_attention_decode(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                                           std::span<const std::int64_t> cur_pos,
                                           const AttentionOptions& options) {
  constexpr const char* kOp = "scaled_dot_product_attention_decode";
  ops::check_activation_4d(q, kOp, "q");
  check_caches(q, k_cache, v_cache, kOp);
  TTX_CHECK(k_cache.shape() == v_cache.shape() && q.shape()[0] == 1 && q.shape()[3] == k_cache.shape()[3] &&
                q.shape()[1] <= k_cache.shape()[0],
            kOp,
            "shapes do not fit: got {}, {} and {}, expected q [1, B, Nq, D] and caches [users, Nkv, L, D]",
            q.describe(), k_cache.describe(), v_cache.describe());
  check_cache_placements(q, 2, k_cache, v_cache, kOp);
  check_options(options, kOp);
  const std::int64_t users = q.shape()[1];
  const std::int64_t heads = q.shape()[2];
  const std::int64_t kv_heads = k_cache.shape()[1];
  const std::int64_t length = k_cache.shape()[2];
  const std::int64_t head_dim = q.shape()[3];
  check_group(heads, kv_heads, kOp);
  ops::check_decode_heads(q, heads, kOp);
  ops::check_decode_cache(k_cache);
  TTX_CHECK(static_cast<std::int64_t>(cur_pos.size()) == users, kOp, "cur_pos: got {} entries, expected {}",
            cur_pos.size(), users);
  std::int64_t longest = 0;
  for (const std::int64_t position : cur_pos) {
    TTX_CHECK_AS(position >= -1 && position < length, ExitCode::kLength, kOp,
                 "cur_pos: got {}, expected -1 (skip) to {}; raise max_seq_len or the cap of the cache",
                 position, length - 1);
    longest = std::max(longest, position + 1);
  }
  longest = std::min(longest, options.sliding_window_size.value_or(longest));

  Tensor out = ops::new_activation(q, q.shape(), q.placement());
  const std::int64_t head_stride = k_cache.storage().head_stride;
  kernels::AttentionCall call;
  call.q_head_stride = call.out_head_stride = head_dim;
  call.rows = 1;
  call.group = heads / kv_heads;
  call.kv_head_stride = head_stride;
  call.head_dim = head_dim;
  apply(options, call);
  const bfloat16* const queries = q.bf16().data();
  bfloat16* const result = out.mutable_bf16().data();
  ops::parallel(q.device(), users * kv_heads, 4 * longest * head_dim,
                [&](std::int64_t first, std::int64_t last) {
                  for (std::int64_t i = first; i < last; ++i) {
                    const std::int64_t user = i / kv_heads;
                    kernels::AttentionCall part = call;
                    part.first = cur_pos[static_cast<std::size_t>(user)];
                    part.first_head = i % kv_heads * call.group;
                    part.last_head = part.first_head + call.group;
                    part.q = queries + user * heads * head_dim;
                    part.out = result + user * heads * head_dim;
                    part.keys = k_cache.storage().as<bfloat16>() + user * kv_heads * head_stride;
                    part.values = v_cache.storage().as<bfloat16>() + user * kv_heads * head_stride;
                    if (part.first >= 0) {
                      attend(q.device(), part, options, device_numerics::decode_chunk(length));
                    } else {
                      std::fill_n(part.out + part.first_head * head_dim, call.group * head_dim, bfloat16{0});
                    }
                  }
                });
  return out;
}

}  // namespace ttx::transformer
