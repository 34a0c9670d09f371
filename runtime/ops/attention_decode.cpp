// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "runtime/device_numerics/attention.hpp"
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/attention_calls.hpp"
#include "runtime/ops/checks.hpp"
#include "runtime/ops/device_limits.hpp"
#include "runtime/ops/parallel.hpp"
#include "runtime/storage.hpp"

namespace ttx::transformer {

Tensor scaled_dot_product_attention_decode(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                                           std::span<const std::int64_t> cur_pos,
                                           const AttentionOptions& options) {
  constexpr const char* kOp = "scaled_dot_product_attention_decode";
  ops::check_activation_4d(q, kOp, "q");
  ops::check_caches(q, k_cache, v_cache, kOp);
  TTX_CHECK(k_cache.shape() == v_cache.shape() && q.shape()[0] == 1 && q.shape()[3] == k_cache.shape()[3] &&
                q.shape()[1] <= k_cache.shape()[0],
            kOp,
            "shapes do not fit: got {}, {} and {}, expected q [1, B, Nq, D] and caches [users, Nkv, L, D]",
            q.describe(), k_cache.describe(), v_cache.describe());
  ops::check_cache_placements(q, 2, k_cache, v_cache, kOp);
  ops::check_options(options, kOp);
  const std::int64_t users = q.shape()[1];
  const std::int64_t heads = q.shape()[2];
  const std::int64_t kv_heads = k_cache.shape()[1];
  const std::int64_t length = k_cache.shape()[2];
  const std::int64_t head_dim = q.shape()[3];
  ops::check_group(heads, kv_heads, kOp);
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
  ops::apply(options, call);
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
                      ops::attend(q.device(), part, options, device_numerics::decode_chunk(length));
                    } else {
                      std::fill_n(part.out + part.first_head * head_dim, call.group * head_dim, bfloat16{0});
                    }
                  }
                });
  return out;
}

}  // namespace ttx::transformer
