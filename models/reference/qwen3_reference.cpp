// SPDX-License-Identifier: Apache-2.0
#include "models/reference/qwen3_reference.hpp"

#include <algorithm>
#include <cmath>

#include "models/hf/checkpoint.hpp"
#include "models/hf/config.hpp"
#include "runtime/error.hpp"

namespace ttx::reference {

namespace {

/// What the text below does not compute must not be in the config.
const hf::Config& checked(const hf::Config& config) {
  TTX_CHECK_AS(config.model_type == "qwen3", ExitCode::kCheckpoint, "reference",
               "the built-in reference has no model type \"{}\", only \"qwen3\"; make a reference file with "
               "launch/make_reference.py",
               config.model_type);
  TTX_CHECK_AS(config.hidden_act == "silu", ExitCode::kCheckpoint, "reference",
               "hidden_act: got \"{}\", expected \"silu\"", config.hidden_act);
  TTX_CHECK_AS(!config.attention_bias, ExitCode::kCheckpoint, "reference",
               "attention_bias: got true, expected false");
  for (const std::string& type : config.layer_types) {
    TTX_CHECK_AS(type == "full_attention", ExitCode::kCheckpoint, "reference",
                 "layer_types: got \"{}\", expected \"full_attention\"", type);
  }
  TTX_CHECK_AS(config.rope.type == "default", ExitCode::kCheckpoint, "reference",
               "rope type: got \"{}\", expected \"default\"", config.rope.type);
  return config;
}

std::size_t floats(std::int64_t rows, std::int64_t columns) {
  return static_cast<std::size_t>(rows * columns);
}

}  // namespace

/// What lives during one call: S rows at positions start, start + 1, ...
struct Qwen3Reference::Activations {
  std::int64_t rows;
  std::int64_t start;
  std::vector<float> x;       // [S, H] the residual stream
  std::vector<float> normed;  // [S, H] and what is added to x
  std::vector<float> q;       // [S, Nq*D]
  std::vector<float> heads;   // [S, Nq*D]
  std::vector<float> gate;    // [S, I]
  std::vector<float> up;      // [S, I]
};

Qwen3Reference::Qwen3Reference(const hf::Checkpoint& checkpoint, std::int64_t max_positions,
                               const Fp32Math& math, int threads)
    : checkpoint_(checkpoint),
      math_(math, threads),
      max_positions_(max_positions),
      angles_(checked(checkpoint.config()).rope.theta, checkpoint.config().head_dim) {
  const hf::Config& c = checkpoint.config();
  TTX_CHECK(max_positions >= 1, "reference", "max_positions: got {}, expected at least 1", max_positions);
  vocab_size_ = c.vocab_size;
  hidden_size_ = c.hidden_size;
  intermediate_size_ = c.intermediate_size;
  query_heads_ = c.num_attention_heads;
  kv_heads_ = c.num_key_value_heads;
  head_dim_ = c.head_dim;
  epsilon_ = static_cast<float>(c.rms_norm_eps);
  embed_tokens_ = matrix("model.embed_tokens.weight", vocab_size_, hidden_size_);
  for (std::int64_t i = 0; i < c.num_hidden_layers; ++i) {
    layers_.push_back(load_layer(i));
  }
  norm_ = vector("model.norm.weight", hidden_size_);
  lm_head_ = matrix(checkpoint.output_embedding_name(), vocab_size_, hidden_size_);
}

Qwen3Reference::~Qwen3Reference() {
  for (const HostTensor& tensor : mapped_) {
    checkpoint_.release(tensor);
  }
}

HostTensor Qwen3Reference::matrix(const std::string& name, std::int64_t rows, std::int64_t columns) {
  return mapped_.emplace_back(checkpoint_.tensor(name, {rows, columns}));
}

std::vector<float> Qwen3Reference::vector(const std::string& name, std::int64_t size) const {
  return checkpoint_.tensor(name, {size}).to_floats();
}

Qwen3Reference::Layer Qwen3Reference::load_layer(std::int64_t index) {
  const std::string p = fmt::format("model.layers.{}.", index);
  const std::int64_t q_width = query_heads_ * head_dim_;
  const std::int64_t kv_width = kv_heads_ * head_dim_;
  Layer layer;
  layer.input_norm = vector(p + "input_layernorm.weight", hidden_size_);
  layer.post_norm = vector(p + "post_attention_layernorm.weight", hidden_size_);
  layer.q_norm = vector(p + "self_attn.q_norm.weight", head_dim_);
  layer.k_norm = vector(p + "self_attn.k_norm.weight", head_dim_);
  layer.q = matrix(p + "self_attn.q_proj.weight", q_width, hidden_size_);
  layer.k = matrix(p + "self_attn.k_proj.weight", kv_width, hidden_size_);
  layer.v = matrix(p + "self_attn.v_proj.weight", kv_width, hidden_size_);
  layer.o = matrix(p + "self_attn.o_proj.weight", hidden_size_, q_width);
  layer.gate = matrix(p + "mlp.gate_proj.weight", intermediate_size_, hidden_size_);
  layer.up = matrix(p + "mlp.up_proj.weight", intermediate_size_, hidden_size_);
  layer.down = matrix(p + "mlp.down_proj.weight", hidden_size_, intermediate_size_);
  return layer;
}

ForwardOutput Qwen3Reference::forward(std::span<const std::int32_t> ids, std::int64_t keep,
                                      HiddenStates hidden_states) {
  const auto rows = static_cast<std::int64_t>(ids.size());
  TTX_CHECK(rows >= 1, "reference", "forward got no tokens");
  TTX_CHECK(keep >= 1 && keep <= rows, "reference", "rows of logits to keep: got {}, expected 1 to {}", keep,
            rows);
  TTX_CHECK_AS(position_ + rows <= max_positions_, ExitCode::kLength, "reference",
               "{} tokens at position {} exceed the {} positions there is room for", rows, position_,
               max_positions_);
  const auto wrong =
      std::find_if(ids.begin(), ids.end(), [&](std::int32_t id) { return id < 0 || id >= vocab_size_; });
  TTX_CHECK(wrong == ids.end(), "reference", "token {} is outside the vocabulary of {}", *wrong, vocab_size_);

  const std::size_t cached = floats(position_ + rows, kv_heads_ * head_dim_);
  for (Layer& layer : layers_) {
    layer.keys.resize(std::max(layer.keys.size(), cached));
    layer.values.resize(std::max(layer.values.size(), cached));
  }
  angles_.extend(position_ + rows);
  const std::size_t h = floats(rows, hidden_size_);
  const std::size_t qd = floats(rows, query_heads_ * head_dim_);
  const std::size_t i = floats(rows, intermediate_size_);
  Activations a{.rows = rows,
                .start = position_,
                .x = std::vector<float>(h),
                .normed = std::vector<float>(h),
                .q = std::vector<float>(qd),
                .heads = std::vector<float>(qd),
                .gate = std::vector<float>(i),
                .up = std::vector<float>(i)};
  ForwardOutput output;
  const auto keep_hidden = [&](const std::vector<float>& state) {
    if (hidden_states == HiddenStates::kKeep) {
      output.hidden_states.insert(output.hidden_states.end(), state.begin(), state.end());
    }
  };

  math_.for_each(rows, [&](std::int64_t row) {
    math_.widen_row(embed_tokens_, ids[static_cast<std::size_t>(row)], a.x.data() + row * hidden_size_);
  });
  for (Layer& layer : layers_) {
    keep_hidden(a.x);
    attention(layer, a);
    mlp(layer, a);
  }
  math_.rms_norm(a.x.data(), rows, norm_, epsilon_, a.normed.data());
  keep_hidden(a.normed);
  output.logits.resize(floats(keep, vocab_size_));
  math_.project(a.normed.data() + (rows - keep) * hidden_size_, keep, {{lm_head_, output.logits.data()}});
  position_ += rows;
  return output;
}

void Qwen3Reference::attention(Layer& layer, Activations& a) {
  const Fp32Math& one = math_.one_thread();
  const std::int64_t d = head_dim_;
  const std::int64_t q_width = query_heads_ * d;
  const std::int64_t kv_width = kv_heads_ * d;
  float* const new_keys = layer.keys.data() + a.start * kv_width;
  float* const new_values = layer.values.data() + a.start * kv_width;

  math_.rms_norm(a.x.data(), a.rows, layer.input_norm, epsilon_, a.normed.data());
  math_.project(a.normed.data(), a.rows, {{layer.q, a.q.data()}, {layer.k, new_keys}, {layer.v, new_values}});
  math_.for_each(a.rows, [&](std::int64_t row) {
    const float* const cos = angles_.cos_at(a.start + row);
    const float* const sin = angles_.sin_at(a.start + row);
    const auto norm_and_rotate = [&](float* heads, std::int64_t count, const std::vector<float>& weight) {
      for (float* head = heads; head != heads + count * d; head += d) {
        one.rms_norm(head, weight.data(), d, epsilon_, head);
        one.rotate(head, cos, sin, d);
      }
    };
    norm_and_rotate(a.q.data() + row * q_width, query_heads_, layer.q_norm);
    norm_and_rotate(new_keys + row * kv_width, kv_heads_, layer.k_norm);
  });

  math_.for_each(query_heads_, [&](std::int64_t head) {
    const std::int64_t kv_at = head / (query_heads_ / kv_heads_) * d;
    one.attend({.q = a.q.data() + head * d,
                .k = layer.keys.data() + kv_at,
                .v = layer.values.data() + kv_at,
                .out = a.heads.data() + head * d,
                .rows = a.rows,
                .first = a.start,
                .head_dim = d,
                .q_stride = q_width,
                .kv_stride = kv_width,
                .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(d)))});
  });
  math_.project(a.heads.data(), a.rows, {{layer.o, a.normed.data()}});
  one.add(a.x.data(), a.normed.data(), a.rows * hidden_size_);
}

void Qwen3Reference::mlp(const Layer& layer, Activations& a) {
  const Fp32Math& one = math_.one_thread();
  math_.rms_norm(a.x.data(), a.rows, layer.post_norm, epsilon_, a.normed.data());
  math_.project(a.normed.data(), a.rows, {{layer.gate, a.gate.data()}, {layer.up, a.up.data()}});
  math_.for_each(a.rows, [&](std::int64_t row) {
    one.silu_mul(a.gate.data() + row * intermediate_size_, a.up.data() + row * intermediate_size_,
                 intermediate_size_);
  });
  math_.project(a.gate.data(), a.rows, {{layer.down, a.normed.data()}});
  one.add(a.x.data(), a.normed.data(), a.rows * hidden_size_);
}

}  // namespace ttx::reference
