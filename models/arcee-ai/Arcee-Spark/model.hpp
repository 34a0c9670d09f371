// SPDX-License-Identifier: Apache-2.0
//
// Arcee Spark (arcee-ai/Arcee-Spark), a Qwen2: Llama with biases on q, k and v, 28 / 4 heads.
//
// This bring-up declares that its decode attention cannot take 7 query heads to a KV head on the device.
// Where device limits hold, K and V are repeated to one head for each query head, and the cache holds as much
// less: floor32(512 / 7) = 64 positions.
//
// It asks for HiFi4 and fp32 sums in the q, k and v linears and in both attentions (ComputeKernelConfig).
#pragma once

#include <string>
#include <vector>

#include "models/meta-llama/Llama-3.2-1B/model.hpp"

namespace ttx::qwen2 {

class Qwen2ForCausalLM : public llama::LlamaForCausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  Qwen2ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);
  std::string cache_note() const override;

 protected:
  void load_attention(const Weights& weights, const std::string& prefix, llama::Layer& layer) override;
  Tensor qkv(const llama::Layer& layer, const Tensor& x) const override;
  transformer::AttentionOptions attention_options(const llama::Layer& layer) const override;

 private:
  struct Biases {
    Tensor q;     // [1, 1, 1, Nq*D/tp]
    Tensor k, v;  // [1, 1, 1, Nkv*D/tp]
  };

  std::vector<Biases> biases_;  // of each layer
};

}  // namespace ttx::qwen2
