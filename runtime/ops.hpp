// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>

#include "runtime/compute_kernel_config.hpp"
#include "runtime/tensor.hpp"

/// The local ops, with TTNN's names, shapes and checks. Each works on this device's shard and moves nothing
/// between devices. Activations are BFLOAT16; inside an op everything is fp32 and is rounded once. All throw
/// Error before any work when shapes, dtypes, layouts or placements do not fit. The bits of a result depend
/// on its inputs alone: not on the device's threads, nor on the instruction set.
///
/// All this is Numerics::kExact. On a device whose profile has Numerics::kDevice, ops round as the hardware's
/// units do, as far as that is known (runtime/device_numerics/): to bfloat16 at every intermediate, and the
/// sum over K by steps of the matrix unit, whose fidelity and accumulator a ComputeKernelConfig may name.
/// Shapes, checks and placements are the same, and bits do not depend on threads or instruction set then
/// either.
///
/// Ops do all that is mathematically possible. On a device whose profile has DeviceLimits::kHold they also
/// refuse what the hardware refuses, with its rule and the way out (runtime/ops/device_limits.hpp). Of where
/// tensors lie on a device (MemoryConfig) only the input of fill_cache is checked; results are interleaved.
///
/// Placements follow the values: heads that lie side by side in the last dim (sharded on dim 3) become dim 1
/// in prefill and dim 2 in decode, and come back. No op takes a Partial: all_reduce it first.
///
/// The batch of a decode step is tile-aligned to 32 users on the device; here its tensors carry the live
/// users B as their logical size and 32 in padded_shape(), so only live rows are computed.
namespace ttx {

/// ids [1, 1, 1, S] UINT32 ROW_MAJOR, table [1, 1, V, H] -> [1, 1, S, H], placed like the table (replicated,
/// or sharded on dim 3). Every id must be below V.
Tensor embedding(const Tensor& ids, const Tensor& table);

/// x [..., M, K] times w [1, 1, K, N] -> [..., M, N].
///   - w replicated or sharded on dim 3 (columns), x replicated: BFLOAT16, placed like w (sharded on the last
///   dim).
///   - w sharded on dim 2 (rows), x sharded on its last dim: FLOAT32 Partial, this device's term of the sum.
///   all_reduce
///     adds the terms of all devices and rounds once.
struct LinearOptions {
  /// [1, 1, 1, N] or [N] BFLOAT16, placed as w's columns are: added in fp32 before the result is rounded.
  /// Refused where the result is a Partial, to which every device would add it: add() it after all_reduce.
  std::optional<Tensor> bias{};
  /// HiFi2 and bfloat16 sums unless given. For Numerics::kDevice alone.
  std::optional<ComputeKernelConfig> compute_kernel_config{};
};
Tensor linear(const Tensor& x, const Tensor& w, const LinearOptions& options = {});

/// A linear weight and, where it has one, its bias. For the length of a call.
struct LinearWeight {
  LinearWeight(const Tensor& weight) : w(&weight) {}
  LinearWeight(const Tensor& weight, const Tensor& added) : w(&weight), bias(&added) {}
  const Tensor* w;
  const Tensor* bias = nullptr;
};
/// The linears of x by several weights side by side, [..., M, N0 + N1 + ...]: what concat of them would be,
/// in one pass, as TTNN has it of one weight made of all. linear(x, {q, k, v}), or linear(x, {{q, bq}, {k,
/// bk}, {v, bv}}). Weights are placed alike. options.bias is refused.
Tensor linear(const Tensor& x, std::initializer_list<LinearWeight> weights,
              const LinearOptions& options = {});

/// x [..., W], weight [1, 1, 1, W] or [W]: x / sqrt(mean(x^2) + epsilon) * weight over the last dim. Per head
/// too. The last dim of x must not be sharded.
Tensor rms_norm(const Tensor& x, const Tensor& weight, float epsilon);

/// Same shape and placement.
Tensor add(const Tensor& a, const Tensor& b);
Tensor mul(const Tensor& a, const Tensor& b);
/// x times one number, which is rounded to bfloat16 first, as TTNN makes a bfloat16 operand of it.
Tensor mul(const Tensor& x, float scalar);
/// x * sigmoid(x)
Tensor silu(const Tensor& x);
/// x * Phi(x), the normal distribution function Phi by erf, or by tanh(sqrt(2/pi) (x + 0.044715 x^3)):
/// Hugging Face's "gelu" and "gelu_pytorch_tanh". TTNN's default is the first.
enum class GeluApproximation { kErf, kTanh };
Tensor gelu(const Tensor& x, GeluApproximation approximation = GeluApproximation::kErf);
Tensor relu(const Tensor& x);
Tensor tanh(const Tensor& x);
/// x * x
Tensor square(const Tensor& x);

/// Gated linear units over the last dim: x [..., 2W] is [a | b], two halves, and the result [..., W] is a *
/// silu(b), or a * gelu(b), the activation rounded to bfloat16 before the product: the bits of mul and silu.
/// An activation sharded on its last dim has both halves of its own columns. TTNN's functions of that name.
Tensor swiglu(const Tensor& x);
Tensor geglu(const Tensor& x, GeluApproximation approximation = GeluApproximation::kErf);

/// Along the last dim (-1 or 3). All other sizes and the placements must agree.
Tensor concat(std::span<const Tensor> tensors, int dim);
Tensor concat(std::initializer_list<Tensor> tensors, int dim);

/// Exchanges dims 1 and 2 of a rank-4 tensor (the two that TTNN's decode text exchanges). A tensor sharded on
/// one of them is then sharded on the other. Where one of the sizes is 1 the result shares x's bytes.
Tensor transpose(const Tensor& x, int dim0, int dim1);

/// Elements [begins[d], ends[d]) of every dim d of a rank 4 tensor, at least one. A dim that is spread over
/// devices is taken whole. A slice that lies together in x (rows of a matrix, the columns of one row) shares
/// x's bytes.
Tensor slice(const Tensor& x, const std::array<std::int64_t, 4>& begins,
             const std::array<std::int64_t, 4>& ends);

struct Padding {
  std::int64_t before = 0;
  std::int64_t after = 0;
};
/// `padding[d]` elements of `value` (rounded to x's dtype) before and after dim d of a rank 4 tensor of
/// BFLOAT16 or FLOAT32. A dim that is spread over devices is not padded. Without any padding the result
/// shares x's bytes.
Tensor pad(const Tensor& x, const std::array<Padding, 4>& padding, float value = 0.0F);

/// The same tensor, with the same bytes, in another memory of the device. Throws Error when a sharded config
/// is not one of this tensor.
Tensor to_memory_config(const Tensor& x, const MemoryConfig& config);
Tensor interleaved_to_sharded(const Tensor& x, const MemoryConfig& config);
Tensor sharded_to_interleaved(const Tensor& x, const MemoryConfig& config = DRAM_MEMORY_CONFIG);

/// Writes input [1, Nkv, S, D] at positions update_idx..update_idx+S-1 of user `batch_idx` of cache [32, Nkv,
/// L, D]. Throws Error(kLength) when they reach beyond L. Cache and input are both sharded by heads, or
/// neither is.
void fill_cache(Tensor& cache, const Tensor& input, std::int64_t batch_idx, std::int64_t update_idx = 0);

namespace experimental {

/// rotate-half rotary embedding with cos, sin [1, 1, L, D] BFLOAT16.
///   - prefill, no token_index: x [1, heads, S, D], position s uses table row s, S <= L;
///   - decode: every vector of x [1, B, heads, D] uses table row token_index < L.
Tensor rotary_embedding(const Tensor& x, const Tensor& cos, const Tensor& sin,
                        std::optional<std::int64_t> token_index = std::nullopt);

struct QkvHeads {
  Tensor q, k, v;
};
struct HeadCounts {
  std::int64_t num_heads = 0;     ///< of this device
  std::int64_t num_kv_heads = 0;  ///< of this device
};
/// [1, 1, S, (Nq + 2 Nkv) D], columns all q, all k, all v heads -> q [1, Nq, S, D], k and v [1, Nkv, S, D].
/// Of a single row they share its bytes; so in decode.
QkvHeads nlp_create_qkv_heads(const Tensor& qkv, HeadCounts heads);
/// [1, 1, B, (Nq + 2 Nkv) D], B <= 32 -> q [1, B, Nq, D], k and v [1, B, Nkv, D].
QkvHeads nlp_create_qkv_heads_decode(const Tensor& qkv, HeadCounts heads);
/// [1, heads, S, D] -> [1, 1, S, heads * D]
Tensor nlp_concat_heads(const Tensor& x);

/// For each user b with update_idxs[b] >= 0: row update_idxs[b] of every head of cache [32, Nkv, L, D]
/// becomes input [1, B, Nkv, D] of that user; -1 skips the user. update_idxs has B entries; throws
/// Error(kLength) when one is not below L.
void paged_update_cache(Tensor& cache, const Tensor& input, std::span<const std::int64_t> update_idxs);

}  // namespace experimental

namespace transformer {

struct AttentionOptions {
  std::optional<float> scale{};                       ///< 1/sqrt(D) unless given
  std::optional<std::int64_t> sliding_window_size{};  ///< W >= 1: position p sees keys p-W+1..p alone
  std::optional<float> logit_softcap{};               ///< c > 0: scaled scores become c tanh(score / c)
  /// HiFi2 and bfloat16 sums unless given. For Numerics::kDevice alone.
  std::optional<ComputeKernelConfig> compute_kernel_config{};
};

/// Causal. q [1, Nq, S, D], k and v [1, Nkv, S, D] -> [1, Nq, S, D]. D is a multiple of 32 up to 256, Nq any
/// multiple of Nkv. The same kernel as the decode form, hence the same bits.
Tensor scaled_dot_product_attention(const Tensor& q, const Tensor& k, const Tensor& v,
                                    const AttentionOptions& options = {});

/// A chunk of prefill: q [1, Nq, S, D] at positions chunk_start_idx.. over what fill_cache has written of
/// user `batch_idx` to caches [32, Nkv, L, D], the chunk's own keys and values among it -> [1, Nq, S, D]. The
/// same bits as scaled_dot_product_attention over all keys at once. Throws Error(kLength) when the chunk
/// reaches beyond L.
Tensor chunked_scaled_dot_product_attention(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                                            std::int64_t batch_idx, std::int64_t chunk_start_idx,
                                            const AttentionOptions& options = {});

/// q [1, B, Nq, D] over caches [32, Nkv, L, D] -> [1, B, Nq, D]. User b attends to positions 0..cur_pos[b],
/// both ends included; -1 skips the user and gives zeros. Throws Error(kLength) when a position is not below
/// L.
Tensor scaled_dot_product_attention_decode(const Tensor& q, const Tensor& k_cache, const Tensor& v_cache,
                                           std::span<const std::int64_t> cur_pos,
                                           const AttentionOptions& options = {});

}  // namespace transformer
}  // namespace ttx
