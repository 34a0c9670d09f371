// SPDX-License-Identifier: Apache-2.0
#include "models/reference/decoder_reference.hpp"

#include <algorithm>

#include "models/hf/checkpoint.hpp"
#include "models/hf/config.hpp"
#include "runtime/error.hpp"

namespace ttx::reference {

namespace {

std::size_t floats(std::int64_t rows, std::int64_t columns) {
  return static_cast<std::size_t>(rows * columns);
}

}  // namespace

/// What lives during one call: S rows at positions start, start + 1, ...
struct DecoderReference::Activations {
  Activations(const DecoderSettings& s, std::int64_t count, std::int64_t first)
      : rows(count),
        start(first),
        x(floats(rows, s.hidden_size)),
        normed(x.size()),
        q(floats(rows, s.query_heads * s.head_dim)),
        heads(q.size()),
        gate(s.has_gate ? floats(rows, s.intermediate_size) : 0),
        up(floats(rows, s.intermediate_size)) {}

  std::int64_t rows;
  std::int64_t start;
  std::vector<float> x;       // [S, H] the residual stream
  std::vector<float> normed;  // [S, H] and what is added to x
  std::vector<float> q;       // [S, Nq*D]
  std::vector<float> heads;   // [S, Nq*D]
  std::vector<float> gate;    // [S, I], or empty
  std::vector<float> up;      // [S, I]
};

DecoderReference::DecoderReference(const hf::Checkpoint& checkpoint, std::int64_t max_positions,
                                   const Fp32Math& math, int threads)
    : checkpoint_(checkpoint),
      settings_(DecoderSettings::of(checkpoint.config())),
      math_(math, threads),
      max_positions_(max_positions),
      angles_(checkpoint.config().rope, settings_.head_dim),
      local_angles_(checkpoint.config().rope_local, settings_.head_dim),
      weights_(checkpoint) {
  const DecoderSettings& s = settings_;
  TTX_CHECK(max_positions >= 1, "reference", "max_positions: got {}, expected at least 1", max_positions);
  embed_tokens_ = weights_.matrix(checkpoint.embedding_name(), s.vocab_size, s.hidden_size);
  for (std::int64_t i = 0; i < checkpoint.config().num_hidden_layers; ++i) {
    layers_.push_back(weights_.layer(i, s));
  }
  norm_ = weights_.norm("model.norm", s.hidden_size, s);
  lm_head_ = weights_.matrix(checkpoint.output_embedding_name(), s.vocab_size, s.hidden_size);
  checkpoint.check_all_used();
}

void DecoderReference::check(std::span<const std::int32_t> ids, std::int64_t keep) const {
  const auto rows = static_cast<std::int64_t>(ids.size());
  const std::int64_t vocab = settings_.vocab_size;
  TTX_CHECK(rows >= 1, "reference", "forward got no tokens");
  TTX_CHECK(keep >= 1 && keep <= rows, "reference", "rows of logits to keep: got {}, expected 1 to {}", keep,
            rows);
  TTX_CHECK_AS(position() + rows <= max_positions_, ExitCode::kLength, "reference",
               "{} tokens at position {} exceed the {} positions there is room for", rows, position(),
               max_positions_);
  const auto wrong =
      std::find_if(ids.begin(), ids.end(), [&](std::int32_t id) { return id < 0 || id >= vocab; });
  TTX_CHECK(wrong == ids.end(), "reference", "token {} is outside the vocabulary of {}", *wrong, vocab);
}

ForwardOutput DecoderReference::forward(std::span<const std::int32_t> ids, std::int64_t keep,
                                        HiddenStates hidden_states) {
  check(ids, keep);
  const std::int64_t before = position();
  sequence_.insert(sequence_.end(), ids.begin(), ids.end());
  const bool outgrows = before <= settings_.recompute_beyond && position() > settings_.recompute_beyond;
  const std::int64_t shown = hidden_states == HiddenStates::kKeep ? static_cast<std::int64_t>(ids.size()) : 0;
  return compute(outgrows && settings_.recompute_beyond > 0 ? 0 : before, keep, shown);
}

ForwardOutput DecoderReference::compute(std::int64_t start, std::int64_t keep, std::int64_t shown) {
  const DecoderSettings& s = settings_;
  const std::int64_t rows = position() - start;
  const std::int64_t h = s.hidden_size;
  const std::size_t cached = floats(position(), s.kv_heads * s.head_dim);
  for (DecoderLayer& layer : layers_) {
    layer.keys.resize(std::max(layer.keys.size(), cached));
    layer.values.resize(std::max(layer.values.size(), cached));
  }
  angles_.prepare(start, position());
  local_angles_.prepare(start, position());
  Activations a(s, rows, start);
  ForwardOutput output;
  const auto keep_hidden = [&](const std::vector<float>& state) {
    output.hidden_states.insert(output.hidden_states.end(), state.end() - shown * h, state.end());
  };

  math_.for_each(rows, [&](std::int64_t row) {
    float* const x = a.x.data() + row * h;
    math_.widen_row(embed_tokens_, sequence_[static_cast<std::size_t>(start + row)], x);
    std::for_each(x, x + h, [&](float& value) { value *= s.embedding_scale; });
  });
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    keep_hidden(a.x);
    attention(i, a);
    mlp(layers_[i], a);
  }
  math_.rms_norm(a.x.data(), rows, norm_, s.epsilon, a.normed.data());
  keep_hidden(a.normed);
  output.logits.resize(floats(keep, s.vocab_size));
  math_.project(a.normed.data() + (rows - keep) * h, keep, {{lm_head_, output.logits.data()}});
  if (s.final_softcap > 0.0F) {
    math_.one_thread().softcap(output.logits.data(), keep * s.vocab_size, s.final_softcap);
  }
  return output;
}

void DecoderReference::linear(const float* x, std::int64_t rows, std::initializer_list<Step> steps) {
  std::vector<ParallelMath::Product> products;
  for (const Step& step : steps) {
    products.push_back({step.weights.weight, step.out});
  }
  math_.project(x, rows, products);
  for (const Step& step : steps) {
    const auto width = static_cast<std::int64_t>(step.weights.bias.size());
    for (std::int64_t row = 0; width > 0 && row < rows; ++row) {
      math_.one_thread().add(step.out + row * width, step.weights.bias.data(), width);
    }
  }
}

void DecoderReference::attention(std::size_t index, Activations& a) {
  const DecoderSettings& s = settings_;
  DecoderLayer& layer = layers_[index];
  const std::int64_t d = s.head_dim;
  const std::int64_t kv_width = s.kv_heads * d;
  float* const new_keys = layer.keys.data() + a.start * kv_width;
  float* const new_values = layer.values.data() + a.start * kv_width;

  math_.rms_norm(a.x.data(), a.rows, layer.attention_norm, s.epsilon, a.normed.data());
  linear(a.normed.data(), a.rows, {{layer.q, a.q.data()}, {layer.k, new_keys}, {layer.v, new_values}});
  norm_and_rotate(index, a, new_keys);
  math_.for_each(s.query_heads, [&](std::int64_t head) {
    const std::int64_t kv_at = head / (s.query_heads / s.kv_heads) * d;
    math_.one_thread().attend({.q = a.q.data() + head * d,
                               .k = layer.keys.data() + kv_at,
                               .v = layer.values.data() + kv_at,
                               .out = a.heads.data() + head * d,
                               .rows = a.rows,
                               .first = a.start,
                               .head_dim = d,
                               .q_stride = s.query_heads * d,
                               .kv_stride = kv_width,
                               .scale = s.attention_scale,
                               .softcap = s.attention_softcap,
                               .window = s.windows[index]});
  });
  linear(a.heads.data(), a.rows, {{layer.o, a.normed.data()}});
  add_to_stream(a, layer.attention_added_norm);
}

void DecoderReference::norm_and_rotate(std::size_t index, Activations& a, float* new_keys) {
  const DecoderSettings& s = settings_;
  const DecoderLayer& layer = layers_[index];
  const RotaryAngles& angles = s.is_local[index] ? local_angles_ : angles_;
  const Fp32Math& one = math_.one_thread();
  const std::int64_t d = s.head_dim;
  math_.for_each(a.rows, [&](std::int64_t row) {
    const std::int64_t position = a.start + row;
    const auto each_head = [&](float* heads, std::int64_t count, const std::vector<float>& weight) {
      for (float* head = heads; head != heads + count * d; head += d) {
        if (!weight.empty()) {
          one.rms_norm(head, weight.data(), d, s.epsilon, head);
        }
        one.rotate(head, angles.cos_at(position), angles.sin_at(position), angles.rotary_dim());
      }
    };
    each_head(a.q.data() + row * s.query_heads * d, s.query_heads, layer.q_norm);
    each_head(new_keys + row * s.kv_heads * d, s.kv_heads, layer.k_norm);
  });
}

void DecoderReference::mlp(const DecoderLayer& layer, Activations& a) {
  const DecoderSettings& s = settings_;
  const Fp32Math& one = math_.one_thread();
  const std::int64_t i = s.intermediate_size;
  math_.rms_norm(a.x.data(), a.rows, layer.mlp_norm, s.epsilon, a.normed.data());
  std::vector<float>& hidden = s.has_gate ? a.gate : a.up;
  if (s.has_gate) {
    linear(a.normed.data(), a.rows, {{layer.gate, a.gate.data()}, {layer.up, a.up.data()}});
  } else {
    linear(a.normed.data(), a.rows, {{layer.up, a.up.data()}});
  }
  math_.for_each(a.rows, [&](std::int64_t row) {
    one.activate(s.activation, hidden.data() + row * i, i);
    if (s.has_gate) {
      one.multiply(hidden.data() + row * i, a.up.data() + row * i, i);
    }
  });
  linear(hidden.data(), a.rows, {{layer.down, a.normed.data()}});
  add_to_stream(a, layer.mlp_added_norm);
}

void DecoderReference::add_to_stream(Activations& a, const std::vector<float>& norm) {
  if (!norm.empty()) {
    math_.rms_norm(a.normed.data(), a.rows, norm, settings_.epsilon, a.normed.data());
  }
  math_.one_thread().add(a.x.data(), a.normed.data(), a.rows * settings_.hidden_size);
}

}  // namespace ttx::reference
