// SPDX-License-Identifier: Apache-2.0
//
// Qwen3 (Qwen/Qwen3-0.6B): Llama, with an RMSNorm over each head of q and k before the rotary embedding, and
// heads x head_dim that need not be the hidden size.
#pragma once

#include <string>
#include <vector>

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::qwen3 {

class Qwen3ForCausalLM : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  Qwen3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);

 protected:
  Qwen3ForCausalLM(Unchecked unchecked, const Weights& weights, const BringUp& system,
                   const RunLimits& limits);
  /// Each head of q or k over its own mean square.
  Tensor normed(const llama::Layer& layer, const Tensor& heads, llama::Turned turned) const;

  void load_attention(const Weights& weights, const std::string& prefix, llama::Layer& layer) override;
  Tensor rotary(const llama::Layer& layer, const Tensor& heads, llama::Turned turned,
                Positions at) const override;

 private:
  struct HeadNorms {
    Tensor q, k;  // [1, 1, 1, D]  replicated, one for all heads
  };

  std::vector<HeadNorms> head_norms_;  // of each layer
};

}  // namespace ttx::qwen3
