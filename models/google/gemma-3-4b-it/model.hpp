// SPDX-License-Identifier: Apache-2.0
//
// Gemma 3 (google/gemma-3-4b-it), the language model: Qwen3's attention with
//   - norms of 1 + weight, four to a layer: before and after attention, before and after the MLP;
//   - an embedding that is scaled by sqrt(H), rounded to bfloat16;
//   - two rotary tables: local for the layers that slide over a window, global for the others;
//   - a scale of attention of its own, and gelu in the MLP.
// Eight devices hold each of the 4 KV heads twice (runtime/head_plan.hpp).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "models/Qwen/Qwen3-0.6B/model.hpp"

namespace ttx::gemma3 {

class Gemma3ForCausalLM : public qwen3::Qwen3ForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  Gemma3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);

 protected:
  Tensor load_embedding(const Weights& weights) const override;
  void load_rotary(const Weights& weights) override;
  void load_layer(const Weights& weights, const std::string& prefix, llama::Layer& layer) override;
  Tensor load_norm(const Weights& weights, const std::string& name, std::int64_t size) const override;
  HostTensor logits(std::span<const std::int32_t> ids, std::int64_t start, std::int64_t keep) override;
  Tensor decoder_layer(llama::Layer& layer, const Tensor& x, std::int64_t start) const override;
  Tensor rotary(const llama::Layer& layer, const Tensor& heads, llama::Turned turned,
                Positions at) const override;
  transformer::AttentionOptions attention_options(const llama::Layer& layer) const override;
  Tensor mlp(const llama::Layer& layer, const Tensor& x) const override;

 private:
  struct FeedforwardNorms {
    Tensor before, after;  // [1, 1, 1, H]  replicated
  };

  RotaryTables local_;                               // [1, 1, max_seq_len, D]  replicated
  RotaryTables global_;                              // [1, 1, max_seq_len, D]  replicated
  std::vector<FeedforwardNorms> feedforward_norms_;  // of each layer
};

}  // namespace ttx::gemma3
