// SPDX-License-Identifier: Apache-2.0
#include "models/reference/decoder_layer.hpp"

#include <fmt/format.h>

#include "models/hf/checkpoint.hpp"

namespace ttx::reference {

DecoderWeights::~DecoderWeights() {
  for (const HostTensor& tensor : mapped_) {
    checkpoint_.release(tensor);
  }
}

HostTensor DecoderWeights::matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
  return mapped_.emplace_back(checkpoint_.tensor(name, {rows, columns}));
}

std::vector<float> DecoderWeights::norm(const std::string& name, std::int64_t size,
                                        const DecoderSettings& settings) const {
  std::vector<float> values = checkpoint_.tensor(name + ".weight", {size}).to_floats();
  for (float& value : values) {
    value = settings.norms_add_one ? 1.0F + value : value;
  }
  return values;
}

LinearWeights DecoderWeights::linear(const std::string& name, std::int64_t out, std::int64_t in,
                                     bool has_bias) {
  return {.weight = matrix(name + ".weight", out, in),
          .bias = has_bias ? checkpoint_.tensor(name + ".bias", {out}).to_floats() : std::vector<float>()};
}

DecoderLayer DecoderWeights::layer(std::int64_t index, const DecoderSettings& s) {
  const std::string p = fmt::format("model.layers.{}.", index);
  const std::int64_t h = s.hidden_size;
  const std::int64_t i = s.intermediate_size;
  const std::int64_t q_width = s.query_heads * s.head_dim;
  const std::int64_t kv_width = s.kv_heads * s.head_dim;
  DecoderLayer layer;
  layer.attention_norm = norm(p + "input_layernorm", h, s);
  if (s.norms_what_is_added) {
    layer.attention_added_norm = norm(p + "post_attention_layernorm", h, s);
    layer.mlp_norm = norm(p + "pre_feedforward_layernorm", h, s);
    layer.mlp_added_norm = norm(p + "post_feedforward_layernorm", h, s);
  } else {
    layer.mlp_norm = norm(p + "post_attention_layernorm", h, s);
  }
  if (s.norms_heads) {
    layer.q_norm = norm(p + "self_attn.q_norm", s.head_dim, s);
    layer.k_norm = norm(p + "self_attn.k_norm", s.head_dim, s);
  }
  if (s.is_fused) {
    const HostTensor qkv = matrix(p + "self_attn.qkv_proj.weight", q_width + 2 * kv_width, h);
    layer.q.weight = qkv.rows(0, q_width);
    layer.k.weight = qkv.rows(q_width, q_width + kv_width);
    layer.v.weight = qkv.rows(q_width + kv_width, q_width + 2 * kv_width);
    const HostTensor gate_up = matrix(p + "mlp.gate_up_proj.weight", 2 * i, h);
    layer.gate.weight = gate_up.rows(0, i);
    layer.up.weight = gate_up.rows(i, 2 * i);
  } else {
    layer.q = linear(p + "self_attn.q_proj", q_width, h, s.attention_bias);
    layer.k = linear(p + "self_attn.k_proj", kv_width, h, s.attention_bias);
    layer.v = linear(p + "self_attn.v_proj", kv_width, h, s.attention_bias);
    if (s.has_gate) {
      layer.gate = linear(p + "mlp.gate_proj", i, h, s.mlp_bias);
    }
    layer.up = linear(p + "mlp.up_proj", i, h, s.mlp_bias);
  }
  layer.o = linear(p + "self_attn.o_proj", h, q_width, s.attention_output_bias);
  layer.down = linear(p + "mlp.down_proj", h, i, s.mlp_bias);
  return layer;
}

}  // namespace ttx::reference
