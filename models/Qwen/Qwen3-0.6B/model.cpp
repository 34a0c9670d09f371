// SPDX-License-Identifier: Apache-2.0
#include "models/Qwen/Qwen3-0.6B/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::qwen3 {

using llama::Layer;
using llama::LlamaForCausalLM;
using llama::Turned;

Qwen3ForCausalLM::Qwen3ForCausalLM(const Weights& weights, const BringUp& system,
                                   const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "qwen3")
      .model_type("qwen3")
      .hidden_act("silu")
      .rope_type({"default"})
      .no_attention_bias()
      .full_attention()
      .head_dim();
}

void Qwen3ForCausalLM::load_attention(const Weights& weights, const std::string& prefix, Layer& layer) {
  LlamaForCausalLM::load_attention(weights, prefix, layer);
  head_norms_.push_back({weights.replicated(prefix + "q_norm.weight", config().head_dim),
                         weights.replicated(prefix + "k_norm.weight", config().head_dim)});
}

Tensor Qwen3ForCausalLM::rotary(const Layer& layer, const Tensor& heads, Turned turned,
                                std::optional<std::int64_t> position) const {
  const HeadNorms& norms = head_norms_[static_cast<std::size_t>(layer.index)];
  const Tensor normed = rms_norm(heads, turned == Turned::kQuery ? norms.q : norms.k, epsilon());
  return LlamaForCausalLM::rotary(layer, normed, turned, position);
}

}  // namespace ttx::qwen3
