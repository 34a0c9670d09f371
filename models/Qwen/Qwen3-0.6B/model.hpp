// SPDX-License-Identifier: Apache-2.0
//
// Qwen3 (Qwen/Qwen3-0.6B) on a line of tp devices.
//   replicated       token ids, embedding table, norms, rotary tables, residual stream
//   column-parallel  q, k, v, gate, up, lm_head
//   row-parallel     o, down, each followed by an all_reduce
//   KV cache         by KV heads
//   output           the vocabulary shards, gathered on device 0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "ccl/ccl.hpp"
#include "ccl/mesh_device.hpp"
#include "models/common/causal_lm.hpp"
#include "models/common/weights.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/ops.hpp"

namespace ttx::qwen3 {

/// Throws Error on a config that the forward pass does not cover (kCheckpoint) or heads that do not divide
/// (kMesh).
void check(const hf::Config& config, const ShardPlan& plan);

/// One decoder layer on this device.
struct Layer {
  Tensor input_norm;      // [1, 1, 1, H]               replicated
  Tensor q;               // [1, 1, H, Nq*D/tp]         column-parallel
  Tensor k, v;            // [1, 1, H, Nkv*D/tp]        column-parallel
  Tensor q_norm, k_norm;  // [1, 1, 1, D]               replicated, one for all heads
  Tensor o;               // [1, 1, Nq*D/tp, H]         row-parallel
  Tensor post_norm;       // [1, 1, 1, H]               replicated
  Tensor gate, up;        // [1, 1, H, I/tp]            column-parallel
  Tensor down;            // [1, 1, I/tp, H]            row-parallel
  Tensor k_cache;         // [32, Nkv/tp, L, D]         by heads
  Tensor v_cache;         // [32, Nkv/tp, L, D]         by heads
};

class Qwen3ForCausalLM final : public CausalLM {
 public:
  /// Loads all weights onto the mesh. Throws Error(kCheckpoint) on a config this text does not cover,
  /// ExitCode::kMesh where a size does not divide over the devices.
  Qwen3ForCausalLM(const hf::Checkpoint& hf_model, MeshDevice& device, std::int64_t max_seq_len,
                   CclOptions ccl, const LoadObserver& observer);

 private:
  HostTensor logits(std::span<const std::int32_t> ids, std::int64_t start, std::int64_t keep) override;
  Tensor decoder_layer(Layer& layer, const Tensor& x, std::int64_t start) const;
  Tensor attention(Layer& layer, const Tensor& x, std::int64_t start) const;
  Tensor attention_prefill(Layer& layer, const Tensor& qkv) const;
  Tensor attention_decode(Layer& layer, const Tensor& qkv, std::int64_t start) const;
  Tensor mlp(const Layer& layer, const Tensor& x) const;

  CclOptions ccl_;
  experimental::HeadCounts heads_;  // of this device: Nq/tp, Nkv/tp
  float epsilon_;
  Tensor embed_tokens_;  // [1, 1, V, H]     replicated
  Tensor cos_, sin_;     // [1, 1, L, D]     replicated
  std::vector<Layer> layers_;
  Tensor norm_;     // [1, 1, 1, H]     replicated
  Tensor lm_head_;  // [1, 1, H, V/tp]  column-parallel
};

}  // namespace ttx::qwen3
