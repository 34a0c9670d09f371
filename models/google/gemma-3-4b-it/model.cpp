// SPDX-License-Identifier: Apache-2.0
#include "models/google/gemma-3-4b-it/model.hpp"

#include <cmath>

#include "models/common/config_check.hpp"
#include "models/common/rope.hpp"
#include "models/common/soft_cap.hpp"
#include "runtime/bfloat16.hpp"

namespace ttx::gemma3 {

using llama::Layer;

Gemma3ForCausalLM::Gemma3ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : Qwen3ForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config(), "gemma3")
      .model_type("gemma3_text")
      .hidden_act("gelu_pytorch_tanh")
      .rope_type({"default", "linear"})
      .no_attention_bias()
      .head_dim();
}

Tensor Gemma3ForCausalLM::load_embedding(const Weights& weights) const {
  const auto scale = static_cast<float>(std::sqrt(static_cast<double>(config().hidden_size)));
  return weights.embedding(weights.embedding_name(), config().vocab_size, config().hidden_size,
                           system().weights.embedding, to_float(to_bfloat16(scale)));
}

void Gemma3ForCausalLM::load_rotary(const Weights& weights) {
  local_ = weights.rotary(rope_tables(config().rope_local, config().head_dim, limits().max_seq_len));
  global_ = weights.rotary(rope_tables(config().rope, config().head_dim, limits().max_seq_len));
}

void Gemma3ForCausalLM::load_layer(const Weights& weights, const std::string& prefix, Layer& layer) {
  Qwen3ForCausalLM::load_layer(weights, prefix, layer);
  feedforward_norms_.push_back(
      {load_norm(weights, prefix + "pre_feedforward_layernorm.weight", config().hidden_size),
       load_norm(weights, prefix + "post_feedforward_layernorm.weight", config().hidden_size)});
}

Tensor Gemma3ForCausalLM::load_norm(const Weights& weights, const std::string& name,
                                    std::int64_t size) const {
  return weights.replicated(name, size, 1.0F);
}

HostTensor Gemma3ForCausalLM::logits(std::span<const std::int32_t> ids, std::int64_t start,
                                     std::int64_t keep) {
  HostTensor logits = Qwen3ForCausalLM::logits(ids, start, keep);  // [1, 1, kept, V] on device 0
  const std::optional<double>& cap = config().final_logit_softcapping;
  return cap ? soft_capped(logits, *cap) : logits;
}

Tensor Gemma3ForCausalLM::decoder_layer(Layer& layer, const Tensor& x, std::int64_t start) const {
  const FeedforwardNorms& feedforward = feedforward_norms_[static_cast<std::size_t>(layer.index)];
  const Tensor attended = attention(layer, rms_norm(x, layer.input_norm, epsilon()), start);
  const Tensor h = add(x, rms_norm(attended, layer.post_norm, epsilon()));  // [1, 1, S, H]
  const Tensor fed = mlp(layer, rms_norm(h, feedforward.before, epsilon()));
  return add(h, rms_norm(fed, feedforward.after, epsilon()));  // [1, 1, S, H]
}

Tensor Gemma3ForCausalLM::rotary(const Layer& layer, const Tensor& heads, llama::Turned turned,
                                 Positions at) const {
  const RotaryTables& tables = slides(layer) ? local_ : global_;
  return turned_heads(normed(layer, heads, turned), tables.cos, tables.sin, at);
}

transformer::AttentionOptions Gemma3ForCausalLM::attention_options(const Layer& layer) const {
  transformer::AttentionOptions options = Qwen3ForCausalLM::attention_options(layer);
  if (config().query_pre_attn_scalar) {
    options.scale = static_cast<float>(1.0 / std::sqrt(*config().query_pre_attn_scalar));
  }
  if (config().attn_logit_softcapping) {
    options.logit_softcap = static_cast<float>(*config().attn_logit_softcapping);
  }
  return options;
}

Tensor Gemma3ForCausalLM::mlp(const Layer& layer, const Tensor& x) const {
  // The bring-up calls a plain gelu, whose form is erf; Hugging Face has the tanh form.
  const Tensor hidden = geglu(linear(x, {layer.up, layer.gate}));  // [1, 1, S, I/tp], up * gelu(gate)
  return all_reduce(linear(hidden, layer.down), system().ccl);     // [1, 1, S, H]
}

}  // namespace ttx::gemma3
