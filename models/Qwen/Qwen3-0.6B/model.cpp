// SPDX-License-Identifier: Apache-2.0
#include "models/Qwen/Qwen3-0.6B/model.hpp"

#include <string>

#include <fmt/core.h>

#include "ccl/mesh_mapper.hpp"
#include "models/common/rope.hpp"
#include "models/common/token_ids.hpp"
#include "runtime/error.hpp"

namespace ttx::qwen3 {

namespace {

constexpr std::int64_t kUsers = 32;  // rows of a decode batch; user 0 is the live one
constexpr std::int64_t kMaxHeadDim = 256;

Layer load_layer(const Weights& weights, const hf::Config& c, const ShardPlan& plan,
                 std::int64_t cache_length, int index) {
  const std::string p = fmt::format("model.layers.{}.", index);
  const std::int64_t h = c.hidden_size;
  const std::int64_t d = c.head_dim;
  Layer layer;
  layer.input_norm = weights.replicated(p + "input_layernorm.weight", h);
  layer.q = weights.column_parallel(p + "self_attn.q_proj.weight", c.num_attention_heads * d, h);
  layer.k = weights.column_parallel(p + "self_attn.k_proj.weight", c.num_key_value_heads * d, h);
  layer.v = weights.column_parallel(p + "self_attn.v_proj.weight", c.num_key_value_heads * d, h);
  layer.q_norm = weights.replicated(p + "self_attn.q_norm.weight", d);
  layer.k_norm = weights.replicated(p + "self_attn.k_norm.weight", d);
  layer.o = weights.row_parallel(p + "self_attn.o_proj.weight", h, c.num_attention_heads * d);
  layer.post_norm = weights.replicated(p + "post_attention_layernorm.weight", h);
  layer.gate = weights.column_parallel(p + "mlp.gate_proj.weight", c.intermediate_size, h);
  layer.up = weights.column_parallel(p + "mlp.up_proj.weight", c.intermediate_size, h);
  layer.down = weights.row_parallel(p + "mlp.down_proj.weight", h, c.intermediate_size);

  const Shape cache{kUsers, plan.heads_per_device(c.num_key_value_heads, "KV heads"), cache_length, d};
  layer.k_cache = Tensor::cache(weights.mesh(), cache, Format::kKeyCache, Placement::sharded(1));
  layer.v_cache = Tensor::cache(weights.mesh(), cache, Format::kValueCache, Placement::sharded(1));
  return layer;
}

}  // namespace

void check(const hf::Config& c, const ShardPlan& plan) {
  TTX_CHECK_AS(c.model_type == "qwen3", ExitCode::kCheckpoint, "qwen3",
               "wrong model type: got \"{}\", expected \"qwen3\"; this bring-up takes Qwen3 checkpoints",
               c.model_type);
  TTX_CHECK_AS(c.hidden_act == "silu", ExitCode::kCheckpoint, "qwen3",
               "hidden_act: got \"{}\", expected \"silu\"", c.hidden_act);
  TTX_CHECK_AS(!c.attention_bias, ExitCode::kCheckpoint, "qwen3", "attention_bias: got true, expected false");
  TTX_CHECK_AS(!c.use_sliding_window, ExitCode::kCheckpoint, "qwen3",
               "use_sliding_window: got true, expected false; this bring-up attends to the whole cache");
  TTX_CHECK_AS(c.rope.type == "default", ExitCode::kCheckpoint, "qwen3",
               "rope type: got \"{}\", expected \"default\"", c.rope.type);
  TTX_CHECK_AS(c.head_dim % kTile == 0 && c.head_dim <= kMaxHeadDim, ExitCode::kCheckpoint, "qwen3",
               "head_dim: got {}, expected a multiple of {} up to {}", c.head_dim, kTile, kMaxHeadDim);
  plan.heads_per_device(c.num_attention_heads, "query heads");
  plan.heads_per_device(c.num_key_value_heads, "KV heads");
  plan.piece(c.intermediate_size, 0, "intermediate columns");
  plan.piece(c.vocab_size, 0, "vocabulary rows");
}

Qwen3ForCausalLM::Qwen3ForCausalLM(const hf::Checkpoint& hf_model, MeshDevice& device,
                                   std::int64_t max_seq_len, CclOptions ccl, const LoadObserver& observer)
    : CausalLM(device, hf_model.config().vocab_size, max_seq_len), ccl_(ccl) {
  const hf::Config& c = hf_model.config();
  const ShardPlan& plan = device.plan();
  check(c, plan);
  heads_ = {plan.heads_per_device(c.num_attention_heads, "query heads"),
            plan.heads_per_device(c.num_key_value_heads, "KV heads")};
  epsilon_ = static_cast<float>(c.rms_norm_eps);
  const Weights weights(hf_model, device, observer);

  weights.stage("Loading embeddings...");
  embed_tokens_ = weights.embedding("model.embed_tokens.weight", c.vocab_size, c.hidden_size);

  weights.stage("Computing RoPE cache...");
  const RopeTables rope = default_rope_tables(c.rope.theta, c.head_dim, max_seq_len);
  cos_ = from_host(rope.cos, ReplicateTensorToMesh(device));
  sin_ = from_host(rope.sin, ReplicateTensorToMesh(device));

  weights.stage(fmt::format("Loading {} layers...", c.num_hidden_layers));
  for (int i = 0; i < c.num_hidden_layers; ++i) {
    layers_.push_back(load_layer(weights, c, plan, max_seq_len, i));
  }
  norm_ = weights.replicated("model.norm.weight", c.hidden_size);
  lm_head_ = weights.column_parallel(hf_model.output_embedding_name(), c.vocab_size, c.hidden_size);
  hf_model.check_all_used();
}

HostTensor Qwen3ForCausalLM::logits(std::span<const std::int32_t> ids, std::int64_t start,
                                    std::int64_t keep) {
  const Tensor tokens = token_ids(ids, mesh());  // [1, 1, 1, S]
  Tensor x = embedding(tokens, embed_tokens_);   // [1, 1, S, H]
  for (Layer& layer : layers_) {
    x = decoder_layer(layer, x, start);  // [1, 1, S, H]
  }
  const std::int64_t s = x.shape()[2];
  x = slice(x, {0, 0, s - keep, 0}, {1, 1, s, x.shape()[3]});  // [1, 1, kept, H]
  x = rms_norm(x, norm_, epsilon_);                            // [1, 1, kept, H]
  const Tensor shard = linear(x, lm_head_);                    // [1, 1, kept, V/tp]
  return to_host(shard, ConcatMeshToTensor(mesh(), 3));        // [1, 1, kept, V] on device 0
}

Tensor Qwen3ForCausalLM::decoder_layer(Layer& layer, const Tensor& x, std::int64_t start) const {
  const Tensor h = add(x, attention(layer, rms_norm(x, layer.input_norm, epsilon_), start));  // [1, 1, S, H]
  return add(h, mlp(layer, rms_norm(h, layer.post_norm, epsilon_)));                          // [1, 1, S, H]
}

Tensor Qwen3ForCausalLM::attention(Layer& layer, const Tensor& x, std::int64_t start) const {
  const Tensor qkv =
      concat({linear(x, layer.q), linear(x, layer.k), linear(x, layer.v)}, -1);  // [1, 1, S, (Nq+2Nkv)*D/tp]
  const bool is_prefill = x.shape()[2] > 1;
  const Tensor heads =
      is_prefill ? attention_prefill(layer, qkv) : attention_decode(layer, qkv, start);  // [1, 1, S, Nq*D/tp]
  return all_reduce(linear(heads, layer.o),
                    ccl_);  // [1, 1, S, H]: o is cut by rows, so each device holds a term of the sum
}

Tensor Qwen3ForCausalLM::attention_prefill(Layer& layer, const Tensor& qkv) const {
  auto [q, k, v] =
      experimental::nlp_create_qkv_heads(qkv, heads_);  // [1, Nq/tp, S, D], [1, Nkv/tp, S, D] twice
  q = experimental::rotary_embedding(rms_norm(q, layer.q_norm, epsilon_), cos_, sin_);
  k = experimental::rotary_embedding(rms_norm(k, layer.k_norm, epsilon_), cos_, sin_);
  fill_cache(layer.k_cache, k, 0);
  fill_cache(layer.v_cache, v, 0);
  const Tensor out = transformer::scaled_dot_product_attention(q, k, v);  // [1, Nq/tp, S, D]
  return experimental::nlp_concat_heads(out);                             // [1, 1, S, Nq*D/tp]
}

Tensor Qwen3ForCausalLM::attention_decode(Layer& layer, const Tensor& qkv, std::int64_t start) const {
  const std::int64_t position[] = {start};  // of user 0, the live one
  auto [q, k, v] =
      experimental::nlp_create_qkv_heads_decode(qkv, heads_);  // [1, B, Nq/tp, D], [1, B, Nkv/tp, D] twice
  q = experimental::rotary_embedding(rms_norm(q, layer.q_norm, epsilon_), cos_, sin_, start);
  k = experimental::rotary_embedding(rms_norm(k, layer.k_norm, epsilon_), cos_, sin_, start);
  experimental::paged_update_cache(layer.k_cache, k, position);
  experimental::paged_update_cache(layer.v_cache, v, position);
  const Tensor out = transformer::scaled_dot_product_attention_decode(q, layer.k_cache, layer.v_cache,
                                                                      position);  // [1, B, Nq/tp, D]
  return experimental::nlp_concat_heads(transpose(out, 1, 2));                    // [1, 1, B, Nq*D/tp]
}

Tensor Qwen3ForCausalLM::mlp(const Layer& layer, const Tensor& x) const {
  const Tensor hidden = mul(silu(linear(x, layer.gate)), linear(x, layer.up));  // [1, 1, S, I/tp]
  return all_reduce(linear(hidden, layer.down),
                    ccl_);  // [1, 1, S, H]: down is cut by rows, so each device holds a term
}

}  // namespace ttx::qwen3
