// SPDX-License-Identifier: Apache-2.0
#include "models/meta-llama/Llama-3.2-1B/model.hpp"

#include <fmt/core.h>

#include "ccl/mesh_mapper.hpp"
#include "models/common/config_check.hpp"
#include "models/common/fill_cache_input.hpp"
#include "models/common/rope.hpp"
#include "models/common/token_ids.hpp"

namespace ttx::llama {

namespace {

constexpr std::int64_t kUsers = 32;  // rows of a decode batch; user 0 is the live one

}  // namespace

LlamaForCausalLM::LlamaForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits)
    : LlamaForCausalLM(Unchecked{}, weights, system, limits) {
  ConfigCheck(config_, "llama").model_type("llama").rope_type({"default", "llama3"}).plain_decoder();
}

LlamaForCausalLM::LlamaForCausalLM(Unchecked, const Weights& weights, const BringUp& system,
                                   const RunLimits& limits, std::int64_t kv_repeats)
    : CausalLM(weights.mesh(), weights.config().vocab_size, limits.cache_length(system.max_cache_seq_len)),
      config_(weights.config()),
      system_(system),
      limits_(limits),
      kv_repeats_(kv_repeats),
      heads_(config_.num_attention_heads, kv_repeats * config_.num_key_value_heads, weights.plan()) {}

void LlamaForCausalLM::load(const Weights& weights) {
  const hf::Config& c = config_;
  weights.stage("Loading embeddings...");
  embed_tokens_ = load_embedding(weights);
  weights.stage("Computing RoPE cache...");
  load_rotary(weights);
  weights.stage(fmt::format("Loading {} layers...", c.num_hidden_layers));
  for (int i = 0; i < c.num_hidden_layers; ++i) {
    Layer& layer = layers_.emplace_back();
    layer.index = i;
    load_layer(weights, fmt::format("model.layers.{}.", i), layer);
  }
  norm_ = load_norm(weights, "model.norm.weight", c.hidden_size);
  lm_head_ = weights.column_parallel({weights.output_embedding_name(), c.vocab_size, c.hidden_size},
                                     system_.weights.lm_head);
}

Tensor LlamaForCausalLM::load_embedding(const Weights& weights) const {
  return weights.embedding(weights.embedding_name(), config_.vocab_size, config_.hidden_size,
                           system_.weights.embedding);
}

void LlamaForCausalLM::load_rotary(const Weights& weights) {
  rotary_ = weights.rotary(rope_tables(config_.rope, config_.head_dim, limits_.max_seq_len));
}

void LlamaForCausalLM::load_layer(const Weights& weights, const std::string& prefix, Layer& layer) {
  layer.input_norm = load_norm(weights, prefix + "input_layernorm.weight", config_.hidden_size);
  load_attention(weights, prefix + "self_attn.", layer);
  load_caches(weights, prefix, layer);
  layer.post_norm = load_norm(weights, prefix + "post_attention_layernorm.weight", config_.hidden_size);
  load_mlp(weights, prefix + "mlp.", layer);
}

void LlamaForCausalLM::load_attention(const Weights& weights, const std::string& prefix, Layer& layer) {
  const std::int64_t h = config_.hidden_size;
  const std::int64_t q = config_.num_attention_heads * config_.head_dim;
  const std::int64_t kv = config_.num_key_value_heads * config_.head_dim;
  const DataType dtype = system_.weights.attention;
  layer.q = weights.query_heads({prefix + "q_proj.weight", q, h}, heads_, dtype);
  layer.k = weights.kv_heads({prefix + "k_proj.weight", kv, h}, heads_, kv_repeats_, dtype);
  layer.v = weights.kv_heads({prefix + "v_proj.weight", kv, h}, heads_, kv_repeats_, dtype);
  layer.o = weights.output_heads({prefix + "o_proj.weight", h, q}, heads_, dtype);
}

void LlamaForCausalLM::load_caches(const Weights& weights, const std::string& prefix, Layer& layer) const {
  const Shape cache{kUsers, heads_.kv_heads_per_device(), cache_length(), config_.head_dim};
  layer.k_cache = weights.cache(prefix + "k_cache", cache, Format::kKeyCache);
  layer.v_cache = weights.cache(prefix + "v_cache", cache, Format::kValueCache);
}

void LlamaForCausalLM::load_mlp(const Weights& weights, const std::string& prefix, Layer& layer) {
  const std::int64_t h = config_.hidden_size;
  const std::int64_t i = config_.intermediate_size;
  layer.gate = weights.column_parallel({prefix + "gate_proj.weight", i, h}, system_.weights.mlp);
  layer.up = weights.column_parallel({prefix + "up_proj.weight", i, h}, system_.weights.mlp);
  layer.down = weights.row_parallel({prefix + "down_proj.weight", h, i}, system_.weights.down);
}

Tensor LlamaForCausalLM::load_norm(const Weights& weights, const std::string& name, std::int64_t size) const {
  return weights.replicated(name, size);
}

HostTensor LlamaForCausalLM::logits(std::span<const std::int32_t> ids, std::int64_t start,
                                    std::int64_t keep) {
  Tensor x = embed(token_ids(ids, mesh()));  // [1, 1, S, H]
  for (Layer& layer : layers_) {
    x = decoder_layer(layer, x, start);  // [1, 1, S, H]
  }
  if (keep == 0) {
    return {};
  }
  const std::int64_t s = x.shape()[2];
  x = slice(x, {0, 0, s - keep, 0}, {1, 1, s, x.shape()[3]});  // [1, 1, kept, H]
  x = rms_norm(x, norm_, epsilon());                           // [1, 1, kept, H]
  const Tensor shard = linear(x, lm_head_);                    // [1, 1, kept, V/tp]
  return to_host(shard, ConcatMeshToTensor(mesh(), 3));        // [1, 1, kept, V] on device 0
}

Tensor LlamaForCausalLM::embed(const Tensor& tokens) const {
  return embedding(tokens, embed_tokens_);  // [1, 1, 1, S] -> [1, 1, S, H]
}

Tensor LlamaForCausalLM::decoder_layer(Layer& layer, const Tensor& x, std::int64_t start) const {
  const Tensor h = add(x, attention(layer, rms_norm(x, layer.input_norm, epsilon()), start));  // [1, 1, S, H]
  return add(h, mlp(layer, rms_norm(h, layer.post_norm, epsilon())));                          // [1, 1, S, H]
}

Tensor LlamaForCausalLM::attention(Layer& layer, const Tensor& x, std::int64_t start) const {
  const bool is_prefill = x.shape()[2] > 1;
  const Tensor projected = qkv(layer, x);  // [1, 1, S, (Nq+2Nkv)*D/tp]
  const Tensor heads = is_prefill ? attention_prefill(layer, projected, start)
                                  : attention_decode(layer, projected, start);  // [1, 1, S, Nq*D/tp]
  // o is cut by rows, so each device holds a term of the sum
  return all_reduce(linear(heads, layer.o), system_.ccl);  // [1, 1, S, H]
}

Tensor LlamaForCausalLM::qkv(const Layer& layer, const Tensor& x) const {
  return linear(x, {layer.q, layer.k, layer.v});
}

Tensor LlamaForCausalLM::attention_prefill(Layer& layer, const Tensor& qkv, std::int64_t start) const {
  auto [q, k, v] = experimental::nlp_create_qkv_heads(
      qkv, {heads_.heads_per_device(), heads_.kv_heads_per_device()});  // [1, Nq/tp, S, D], [1, Nkv/tp, S, D]
  q = rotary(layer, q, Turned::kQuery, Positions::from(start));
  k = rotary(layer, k, Turned::kKey, Positions::from(start));
  fill_cache(layer.k_cache, fill_cache_input(k, system_.fill_cache), 0, start);
  fill_cache(layer.v_cache, fill_cache_input(v, system_.fill_cache), 0, start);
  const Tensor out = transformer::chunked_scaled_dot_product_attention(
      q, layer.k_cache, layer.v_cache, 0, start, attention_options(layer));  // [1, Nq/tp, S, D]
  return experimental::nlp_concat_heads(out);                                // [1, 1, S, Nq*D/tp]
}

Tensor LlamaForCausalLM::attention_decode(Layer& layer, const Tensor& qkv, std::int64_t start) const {
  const std::int64_t position[] = {start};  // of user 0, the live one
  auto [q, k, v] = experimental::nlp_create_qkv_heads_decode(
      qkv, {heads_.heads_per_device(), heads_.kv_heads_per_device()});  // [1, B, Nq/tp, D], [1, B, Nkv/tp, D]
  q = rotary(layer, q, Turned::kQuery, Positions::all(start));
  k = rotary(layer, k, Turned::kKey, Positions::all(start));
  experimental::paged_update_cache(layer.k_cache, k, position);
  experimental::paged_update_cache(layer.v_cache, v, position);
  const Tensor out = transformer::scaled_dot_product_attention_decode(
      q, layer.k_cache, layer.v_cache, position, attention_options(layer));  // [1, B, Nq/tp, D]
  return experimental::nlp_concat_heads(transpose(out, 1, 2));               // [1, 1, B, Nq*D/tp]
}

Tensor LlamaForCausalLM::rotary(const Layer& /*layer*/, const Tensor& heads, Turned /*turned*/,
                                Positions at) const {
  return turned_heads(heads, rotary_.cos, rotary_.sin, at);
}

bool LlamaForCausalLM::slides(const Layer& layer) const {
  return config_.layer_types[static_cast<std::size_t>(layer.index)] == "sliding_attention";
}

transformer::AttentionOptions LlamaForCausalLM::attention_options(const Layer& layer) const {
  return {.sliding_window_size = slides(layer) ? config_.sliding_window : std::nullopt};
}

Tensor LlamaForCausalLM::mlp(const Layer& layer, const Tensor& x) const {
  const Tensor hidden = swiglu(linear(x, {layer.up, layer.gate}));  // [1, 1, S, I/tp], up * silu(gate)
  // down is cut by rows, so each device holds a term of the sum
  return all_reduce(linear(hidden, layer.down), system_.ccl);  // [1, 1, S, H]
}

}  // namespace ttx::llama
