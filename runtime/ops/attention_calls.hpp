// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/attention.hpp"
#include "runtime/ops.hpp"

/// What the attention ops share. The checks throw Error `[op] ...`.
namespace ttx::ops {

void check_head_dim(const Tensor& q, const char* op);
void check_group(std::int64_t heads, std::int64_t kv_heads, const char* op);
void check_options(const transformer::AttentionOptions& options, const char* op);
/// A key cache and a value cache on q's device.
void check_caches(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache, const char* op);
/// `heads_dim` is the dim of q that counts heads.
void check_cache_placements(const Tensor& q, int heads_dim, const Tensor& k_cache, const Tensor& v_cache,
                            const char* op);

/// What the options say to the kernel. The call has its head dim.
void apply(const transformer::AttentionOptions& options, kernels::AttentionCall& call);

/// Attention by the arithmetic of the device; `chunk` is that of the hardware.
void attend(const Device& device, const kernels::AttentionCall& call,
            const transformer::AttentionOptions& options, std::int64_t chunk);

}  // namespace ttx::ops
