// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_tensors.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

namespace ttx::launch {

namespace {

constexpr float kLogitSpread = 2.5F;
constexpr float kStreamGain = 8.0F;
constexpr float kSharpness = 1.3F;
constexpr float kNormSpread = 0.1F;
constexpr float kBiasSpread = 0.1F;

class Builder {
 public:
  void norm(std::string name, std::int64_t size, float mean = 1.0F) {
    add(std::move(name), {size}, mean, kNormSpread);
  }

  void embedding(std::string name, const hf::Config& c) {
    add(std::move(name), {c.vocab_size, c.hidden_size}, 0.0F, kLogitSpread * inverse_root(c.hidden_size));
  }

  /// `gain` multiplies the deviation that keeps the size of the input.
  void linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias, float gain = 1.0F) {
    add(name + ".weight", {out, in}, 0.0F, gain * inverse_root(in));
    if (bias) {
      add(name + ".bias", {out}, 0.0F, gain * kBiasSpread);
    }
  }

  static float inverse_root(std::int64_t n) { return 1.0F / std::sqrt(static_cast<float>(n)); }

  std::vector<SynthTensor> tensors;

 private:
  void add(std::string name, const std::vector<std::int64_t>& shape, float mean, float deviation) {
    tensors.push_back({std::move(name), {shape.begin(), shape.end()}, mean, deviation});
  }
};

}  // namespace

std::uint64_t SynthTensor::elements() const {
  std::uint64_t product = 1;
  for (const std::uint64_t size : shape) {
    product *= size;
  }
  return product;
}

std::vector<SynthTensor> synth_tensors(const hf::Config& c) {
  const float residual = kStreamGain * Builder::inverse_root(2 * c.num_hidden_layers);
  const std::int64_t heads = c.num_attention_heads * c.head_dim;
  const std::int64_t kv_heads = c.num_key_value_heads * c.head_dim;
  Builder build;
  build.embedding("model.embed_tokens.weight", c);
  for (std::int64_t i = 0; i < c.num_hidden_layers; ++i) {
    const std::string p = fmt::format("model.layers.{}.", i);
    build.norm(p + "input_layernorm.weight", c.hidden_size);
    build.linear(p + "self_attn.q_proj", heads, c.hidden_size, c.attention_bias);
    build.linear(p + "self_attn.k_proj", kv_heads, c.hidden_size, c.attention_bias);
    build.linear(p + "self_attn.v_proj", kv_heads, c.hidden_size, c.attention_bias);
    build.norm(p + "self_attn.q_norm.weight", c.head_dim, kSharpness);
    build.norm(p + "self_attn.k_norm.weight", c.head_dim, kSharpness);
    build.linear(p + "self_attn.o_proj", c.hidden_size, heads, c.attention_bias, residual);
    build.norm(p + "post_attention_layernorm.weight", c.hidden_size);
    build.linear(p + "mlp.gate_proj", c.intermediate_size, c.hidden_size, false);
    build.linear(p + "mlp.up_proj", c.intermediate_size, c.hidden_size, false);
    build.linear(p + "mlp.down_proj", c.hidden_size, c.intermediate_size, false, residual);
  }
  build.norm("model.norm.weight", c.hidden_size);
  if (!c.tie_word_embeddings) {
    build.embedding("lm_head.weight", c);
  }
  return std::move(build.tensors);
}

}  // namespace ttx::launch
