// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/attention_calls.hpp"

#include <cmath>

#include "kernels/table.hpp"
#include "runtime/device_numerics/attention.hpp"
#include "runtime/error.hpp"
#include "runtime/ops/checks.hpp"

namespace ttx::ops {

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

void check_options(const transformer::AttentionOptions& options, const char* op) {
  TTX_CHECK(options.sliding_window_size.value_or(1) >= 1, op,
            "sliding_window_size: got {}, expected at least 1; leave it out to see all keys",
            options.sliding_window_size.value_or(0));
  const float cap = options.logit_softcap.value_or(1.0F);
  TTX_CHECK(cap > 0.0F && std::isfinite(cap), op,
            "logit_softcap: got {}, expected a number above 0; leave it out for none", cap);
}

void apply(const transformer::AttentionOptions& options, kernels::AttentionCall& call) {
  call.scale = options.scale.value_or(1.0F / std::sqrt(static_cast<float>(call.head_dim)));
  call.soft_cap = options.logit_softcap.value_or(0.0F);
  call.window = options.sliding_window_size.value_or(0);
}

void attend(const Device& device, const kernels::AttentionCall& call,
            const transformer::AttentionOptions& options, std::int64_t chunk) {
  if (device.profile().numerics == Numerics::kDevice) {
    device_numerics::attention(
        call, options.compute_kernel_config.value_or(device_numerics::kAttentionConfig), chunk);
  } else {
    kernels::active().attention(call);
  }
}

void check_caches(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache, const char* op) {
  TTX_CHECK(k_cache.format() == Format::kKeyCache && v_cache.format() == Format::kValueCache, op,
            "caches: got {} and {}, expected a key cache and a value cache made by Tensor::cache",
            k_cache.describe(), v_cache.describe());
  check_same_device(q, k_cache, op);
  check_same_device(q, v_cache, op);
}

void check_cache_placements(const Tensor& q, int heads_dim, const Tensor& k_cache, const Tensor& v_cache,
                            const char* op) {
  const bool whole = q.placement().is_replicated() && k_cache.placement().is_replicated();
  const bool by_head = q.placement().is_sharded(heads_dim) && k_cache.placement().is_sharded(1);
  TTX_CHECK((whole || by_head) && k_cache.placement() == v_cache.placement(), op,
            "placements do not fit: got {}, {} and {}, expected all sharded by heads (dim {} of q, dim 1 of "
            "the caches), or none",
            q.describe(), k_cache.describe(), v_cache.describe(), heads_dim);
}

}  // namespace ttx::ops
