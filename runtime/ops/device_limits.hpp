// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "runtime/ledger.hpp"
#include "runtime/memory_config.hpp"
#include "runtime/tensor.hpp"

/// What a Wormhole chip refuses although it is mathematically possible. All of it holds only where the
/// device's profile says so (DeviceProfile::limits); each throws Error with the hardware's rule and the way
/// out.
namespace ttx::ops {

/// Cores of a shard grid that the device does not have.
void check_core_grid(const Tensor& x, CoreGrid grid, const char* op);

/// fill_cache. An interleaved input of more than one head makes a work block of each head's tile row, and
/// there must be no more of them than cores. A height-sharded input has no such limit, but its parts must not
/// cross a head: the sequence is a multiple of the shard height. Throws Error(kLength).
void check_fill_cache(const Tensor& input);

/// rotary_embedding works on pairs of tiles: the width is a multiple of 64.
void check_rotary_width(const Tensor& x);

/// nlp_create_qkv_heads_decode and scaled_dot_product_attention_decode: query heads of a user fill one tile,
/// so there are at most 32 of them.
void check_decode_heads(const Tensor& x, std::int64_t num_heads, const char* op);

/// scaled_dot_product_attention_decode takes keys in chunks of a power of two of at least 32 that divides the
/// cache length.
void check_decode_cache(const Tensor& cache);

/// `bytes` more for `use` do not fit into the DRAM of the device.
void check_dram(const Device& device, MemoryUse use, std::int64_t bytes);

}  // namespace ttx::ops
