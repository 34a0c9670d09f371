// SPDX-License-Identifier: Apache-2.0
#include "models/Qwen/Qwen3-0.6B/model.hpp"

#include "models/common/config_check.hpp"

namespace ttx::qwen3 {

using llama::Layer;
using llama::Turned;

Qwen3ForCausalLM::Qwen3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "qwen3").model_type("qwen3").rope_type({"default"}).plain_decoder();
}

Qwen3ForCausalLM::Qwen3ForCausalLM(Unchecked unchecked, const Weights& weights, const BringUp& system,
                                   const RunLimits& limits)
    : LlamaForCausalLM(unchecked, weights, system, limits) {}

void Qwen3ForCausalLM::load_attention(const Weights& weights, const std::string& prefix, Layer& layer) {
  LlamaForCausalLM::load_attention(weights, prefix, layer);
  head_norms_.push_back({load_norm(weights, prefix + "q_norm.weight", config().head_dim),
                         load_norm(weights, prefix + "k_norm.weight", config().head_dim)});
}

Tensor Qwen3ForCausalLM::rotary(const Layer& layer, const Tensor& heads, Turned turned, Positions at) const {
  return LlamaForCausalLM::rotary(layer, normed(layer, heads, turned), turned, at);
}

Tensor Qwen3ForCausalLM::normed(const Layer& layer, const Tensor& heads, Turned turned) const {
  const HeadNorms& norms = head_norms_[static_cast<std::size_t>(layer.index)];
  return rms_norm(heads, turned == Turned::kQuery ? norms.q : norms.k, epsilon());
}

}  // namespace ttx::qwen3
