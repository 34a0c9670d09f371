// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "kernels/bf16.hpp"

namespace ttx::kernels {

/// Keys are taken in blocks of this constant length, the first at position 0. A cache length is a multiple of
/// it (whoever allocates a cache rounds up).
inline constexpr std::int64_t kKeyBlock = 64;
/// The widest head.
inline constexpr std::int64_t kMaxHeadDim = 256;

/// A key cache of one head lies in panels like a linear weight whose columns are positions:
/// [cache_len/32][head_dim/2][32][2]. A value cache of one head has pairs of positions interleaved:
/// [cache_len/2][head_dim][2]. Both have cache_len * head_dim elements. head_dim is a multiple of 32, 32 to
/// 256.
///
/// Writes `rows` vectors of head_dim (row stride `stride`) at positions first, first+1, ... of one head.
struct CacheWriteCall {
  const Bf16* rows = nullptr;
  std::int64_t stride = 0;
  std::int64_t count = 0;
  std::int64_t first = 0;
  std::int64_t head_dim = 0;
  Bf16* cache = nullptr;
};

/// Attention of `rows` consecutive query positions over a cache: row r stands at position p = `first + r` and
/// sees keys 0..p, or with a window W the last W of them, p-W+1..p. Prefill is rows = S, first = 0; decode is
/// rows = 1, first = the current position: the same kernel, hence the same bits.
///
/// Per row and key block, in this order: scores by the pair rule over head_dim; times scale; with a
/// soft cap c, c tanh(score / c); keys that the row does not see masked; block maximum; new running maximum;
/// p = exp(score - maximum); the sum of p by 16 lanes; the running sum and accumulator are rescaled by
/// exp(old - new maximum); P, rounded to bf16, times V by the pair rule over positions in order. The sum is
/// taken over the rounded P, so the weights add up to one. At the end accumulator / sum, rounded to bf16. A
/// block that is wholly masked, after the position or before the window, is skipped; a masked key contributes
/// exactly nothing and its V is never read into an arithmetic instruction (a stale NaN stays where it is; the
/// masked half of a live pair is +0 times +0). All is decided per row, so tiles, chunks, heads per call and
/// threads change no bit.
struct AttentionCall {
  const Bf16* q =
      nullptr;  ///< query of (row, head) at q + row * q_row_stride + head * q_head_stride, [head_dim]
  std::int64_t q_row_stride = 0;
  std::int64_t q_head_stride = 0;
  std::int64_t rows = 0;
  std::int64_t first = 0;       ///< position of row 0
  std::int64_t first_head = 0;  ///< query heads [first_head, last_head)
  std::int64_t last_head = 0;
  std::int64_t group = 1;      ///< query heads per KV head: query head h reads KV head h / group
  const Bf16* keys = nullptr;  ///< of KV head 0
  const Bf16* values = nullptr;
  std::int64_t kv_head_stride = 0;  ///< elements from one KV head to the next, in both caches
  std::int64_t head_dim = 0;
  float scale = 1.0F;
  float soft_cap = 0.0F;    ///< above 0, or 0: none
  std::int64_t window = 0;  ///< keys that a row sees, itself among them; 0: all up to its own
  Bf16* out = nullptr;      ///< indexed like q with the strides below
  std::int64_t out_row_stride = 0;
  std::int64_t out_head_stride = 0;
};

}  // namespace ttx::kernels
