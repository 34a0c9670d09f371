// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/attention.hpp"
#include "runtime/compute_kernel_config.hpp"

/// Attention as the streaming softmax of the hardware (tt-metal, ttnn/cpp/ttnn/operations/transformer/sdpa
/// and sdpa_decode): keys in chunks, running maximum and sum, products by the matrix unit (matrix_unit.hpp)
/// with keys and values as operand 1, statistics and intermediates in bfloat16 whatever Dst is. Per query row
/// and chunk, where each line is packed to bfloat16 (packing rounds once, rounding.hpp):
///   scores = q k, times scale, with a soft cap c tanh(score / c)
///   m'     = max(m, scores of the keys that the row sees)
///   p      = exp(scores - m'), the difference as Dst has it
///   sum    = alpha l + sum over p, 16 at a time into Dst, with alpha = exp(m - m')
///   acc'   = alpha acc + p v
/// and at the end out = acc (1 / l). Open, besides what the matrix unit leaves open: the approximation of exp
/// (here exp itself), where the scale is multiplied in, in what order the partial results of the cores that
/// share the keys of a decode step are merged (here one chunk after the other, from position 0 on).
/// Unlike the kernels' attention, prefill and decode differ: their chunks do.
namespace ttx::device_numerics {

/// TTNN's config where none is given.
inline constexpr ComputeKernelConfig kAttentionConfig{MathFidelity::HiFi2, false};

/// Keys of a chunk of prefill.
inline constexpr std::int64_t kPrefillChunk = 32;
/// Keys of a chunk of decode over a cache of that length: the largest power of two that divides it, 32 to
/// 512.
std::int64_t decode_chunk(std::int64_t cache_length);

/// As kernels::Table::attention, over the same caches. `chunk` is a multiple of 32.
void attention(const kernels::AttentionCall& call, const ComputeKernelConfig& config, std::int64_t chunk);

}  // namespace ttx::device_numerics
