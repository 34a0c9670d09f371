// SPDX-License-Identifier: Apache-2.0
#include "models/arcee-ai/Arcee-Spark/model.hpp"

#include <algorithm>

#include <fmt/core.h>

#include "models/common/config_check.hpp"

namespace ttx::qwen2 {

using llama::Layer;

namespace {

/// Of the q, k and v linears and of both attentions.
constexpr ComputeKernelConfig kComputeConfig{MathFidelity::HiFi4, true};

/// The group sizes that decode attention takes on the device: powers of two.
bool device_takes(std::int64_t group) { return (group & (group - 1)) == 0; }

/// How often each KV head stands on the device.
std::int64_t repeats(const hf::Config& config, const RunLimits& limits) {
  const std::int64_t group = config.num_attention_heads / config.num_key_value_heads;
  return limits.device == DeviceLimits::kIgnored || device_takes(group) ? 1 : group;
}

/// With the cap that holds: repeated heads take the room of as many positions.
BringUp capped(BringUp system, const hf::Config& config, const RunLimits& limits) {
  if (const std::int64_t n = repeats(config, limits); n > 1 && system.max_cache_seq_len) {
    system.max_cache_seq_len = std::max(kTile, *system.max_cache_seq_len / n / kTile * kTile);
  }
  return system;
}

}  // namespace

Qwen2ForCausalLM::Qwen2ForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, capped(system, weights.config(), limits), limits,
                       repeats(weights.config(), limits)) {
  ConfigCheck(config(), "arcee-spark")
      .model_type("qwen2")
      .hidden_act("silu")
      .rope_type({"default"})
      .head_dim();
}

std::string Qwen2ForCausalLM::cache_note() const {
  return kv_repeats() == 1 ? std::string()
                           : fmt::format(
                                 "with --device_limits K and V are repeated to {} heads, as decode "
                                 "attention takes no ratio of {}, and the bring-up's cap is {} times lower",
                                 config().num_attention_heads, kv_repeats(), kv_repeats());
}

void Qwen2ForCausalLM::load_attention(const Weights& weights, const std::string& prefix, Layer& layer) {
  LlamaForCausalLM::load_attention(weights, prefix, layer);
  const std::int64_t q = config().num_attention_heads * config().head_dim;
  const std::int64_t kv = config().num_key_value_heads * config().head_dim;
  biases_.push_back({weights.query_bias(prefix + "q_proj.bias", q, heads()),
                     weights.kv_bias(prefix + "k_proj.bias", kv, heads(), kv_repeats()),
                     weights.kv_bias(prefix + "v_proj.bias", kv, heads(), kv_repeats())});
}

Tensor Qwen2ForCausalLM::qkv(const Layer& layer, const Tensor& x) const {
  const Biases& bias = biases_[static_cast<std::size_t>(layer.index)];
  return linear(x, {{layer.q, bias.q}, {layer.k, bias.k}, {layer.v, bias.v}},
                {.compute_kernel_config = kComputeConfig});  // [1, 1, S, (Nq+2Nkv)*D/tp]
}

transformer::AttentionOptions Qwen2ForCausalLM::attention_options(const Layer& layer) const {
  transformer::AttentionOptions options = LlamaForCausalLM::attention_options(layer);
  options.compute_kernel_config = kComputeConfig;
  return options;
}

}  // namespace ttx::qwen2
