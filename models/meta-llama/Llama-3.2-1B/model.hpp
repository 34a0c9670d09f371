// SPDX-License-Identifier: Apache-2.0
//
// The plain decoder (meta-llama/Llama-3.2-1B) on a line of tp devices. Most models of the family are this
// text but for a few lines, and say only those: they derive from it, as in transformers' modular files.
//   replicated       token ids, embedding table, norms, rotary tables, residual stream
//   column-parallel  q, k, v, gate, up, lm_head
//   row-parallel     o, down, each followed by an all_reduce
//   KV cache         by KV heads
//   output           the vocabulary shards, gathered on device 0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "models/common/bring_up.hpp"
#include "models/common/causal_lm.hpp"
#include "models/common/weights.hpp"
#include "runtime/head_plan.hpp"
#include "runtime/ops.hpp"

namespace ttx::llama {

/// One decoder layer on this device. H hidden, I intermediate, D head_dim; Nq, Nkv query and KV heads, zero
/// heads included (runtime/head_plan.hpp).
struct Layer {
  int index = 0;
  Tensor input_norm;  // [1, 1, 1, H]               replicated
  Tensor q;           // [1, 1, H, Nq*D/tp]         column-parallel
  Tensor k, v;        // [1, 1, H, Nkv*D/tp]        column-parallel
  Tensor o;           // [1, 1, Nq*D/tp, H]         row-parallel
  Tensor post_norm;   // [1, 1, 1, H]               replicated
  Tensor gate, up;    // [1, 1, H, I/tp]            column-parallel
  Tensor down;        // [1, 1, I/tp, H]            row-parallel
  Tensor k_cache;     // [32, Nkv/tp, L, D]         by heads
  Tensor v_cache;     // [32, Nkv/tp, L, D]         by heads
};

/// Whose heads are turned by the rotary embedding.
enum class Turned { kQuery, kKey };

class LlamaForCausalLM : public CausalLM {
 public:
  /// Throws Error(kCheckpoint) on a config that this text does not cover.
  LlamaForCausalLM(const Weights& weights, const BringUp& system, const RunLimits& limits);
  void load(const Weights& weights) override;
  std::string heads_text() const override { return heads_.to_string(); }

 protected:
  struct Unchecked {};
  /// For models that check their config themselves. On the device each KV head of the checkpoint stands
  /// `kv_repeats` times.
  LlamaForCausalLM(Unchecked, const Weights& weights, const BringUp& system, const RunLimits& limits,
                   std::int64_t kv_repeats = 1);

  // What a model may have of its own. Loading:
  virtual Tensor load_embedding(const Weights& weights) const;
  virtual void load_rotary(const Weights& weights);
  virtual void load_layer(const Weights& weights, const std::string& prefix, Layer& layer);
  virtual void load_attention(const Weights& weights, const std::string& prefix, Layer& layer);
  virtual void load_mlp(const Weights& weights, const std::string& prefix, Layer& layer);
  virtual Tensor load_norm(const Weights& weights, const std::string& name, std::int64_t size) const;
  // The forward pass:
  HostTensor logits(std::span<const std::int32_t> ids, std::int64_t start, std::int64_t keep) override;
  virtual Tensor embed(const Tensor& tokens) const;
  virtual Tensor decoder_layer(Layer& layer, const Tensor& x, std::int64_t start) const;
  virtual Tensor qkv(const Layer& layer, const Tensor& x) const;
  virtual Tensor rotary(const Layer& layer, const Tensor& heads, Turned turned, Positions at) const;
  virtual transformer::AttentionOptions attention_options(const Layer& layer) const;
  virtual Tensor mlp(const Layer& layer, const Tensor& x) const;

  Tensor attention(Layer& layer, const Tensor& x, std::int64_t start) const;
  /// Whether the layer's queries see a window of the keys only.
  bool slides(const Layer& layer) const;
  void load_caches(const Weights& weights, const std::string& prefix, Layer& layer) const;

  const hf::Config& config() const { return config_; }
  const HeadPlan& heads() const { return heads_; }
  const BringUp& system() const { return system_; }
  const RunLimits& limits() const { return limits_; }
  std::int64_t kv_repeats() const { return kv_repeats_; }
  const Tensor& embed_tokens() const { return embed_tokens_; }
  float epsilon() const { return static_cast<float>(config_.rms_norm_eps); }

 private:
  Tensor attention_prefill(Layer& layer, const Tensor& qkv, std::int64_t start) const;
  Tensor attention_decode(Layer& layer, const Tensor& qkv, std::int64_t start) const;

  hf::Config config_;
  BringUp system_;
  RunLimits limits_;
  std::int64_t kv_repeats_;
  HeadPlan heads_;
  Tensor embed_tokens_;  // [1, 1, V, H]     replicated
  RotaryTables rotary_;  // [1, 1, L, D]     replicated
  std::vector<Layer> layers_;
  Tensor norm_;     // [1, 1, 1, H]     replicated
  Tensor lm_head_;  // [1, 1, H, V/tp]  column-parallel
};

}  // namespace ttx::llama
