// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/rope_config.hpp"

namespace ttx::hf {

/// config.json of a causal language model. Keys that a file leaves out have the default of the transformers
/// class; unknown keys are ignored. Of a multimodal Gemma 3 this is the language model.
struct Config {
  /// qwen3, qwen2, llama, mistral, phi3, arcee or gemma3_text
  std::string model_type;
  std::vector<std::string> architectures;
  bool multimodal = false;  ///< the files hold a vision model too, which is left out

  std::int64_t hidden_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t num_key_value_heads = 0;  ///< divides num_attention_heads
  std::int64_t head_dim = 0;             ///< even; not always hidden_size / num_attention_heads
  /// For messages about sizes: names each size that the class fills in, with its value; empty when the file
  /// has all.
  std::string defaults_taken;
  std::int64_t intermediate_size = 0;
  std::int64_t vocab_size = 0;  ///< rows of the embedding
  std::int64_t max_position_embeddings = 0;
  double rms_norm_eps = 0.0;
  std::string hidden_act;  ///< of the MLP, as the file spells it (Gemma's key is hidden_activation)
  bool tie_word_embeddings = false;
  bool attention_bias = false;         ///< q_proj, k_proj and v_proj have biases
  bool attention_output_bias = false;  ///< o_proj has one
  bool mlp_bias = false;               ///< every linear layer of the MLP has one
  /// Attention scores are multiplied by this ^ -1/2; absent: by head_dim ^ -1/2.
  std::optional<double> query_pre_attn_scalar;
  std::optional<double> attn_logit_softcapping;   ///< scores z become c tanh(z / c)
  std::optional<double> final_logit_softcapping;  ///< logits likewise
  RopeConfig rope;                                ///< of full_attention layers
  RopeConfig rope_local;                          ///< of sliding_attention layers

  bool use_sliding_window = false;
  /// Absent when no layer could slide. A query sees this many keys, its own among them.
  std::optional<std::int64_t> sliding_window;
  std::int64_t max_window_layers = 0;  ///< qwen2, qwen3: the first layer that could slide
  /// One per layer: "full_attention" or "sliding_attention"; worked out from the rule of the model type when
  /// the file has none. A window may be longer than any sequence (Phi-3: 262144).
  std::vector<std::string> layer_types;

  std::vector<std::int32_t> eos_token_ids;
  std::optional<std::int32_t> bos_token_id;
  std::optional<std::int32_t> pad_token_id;
  std::string dtype;  ///< of the weights as the file claims ("bfloat16"); empty when it does not say. Tensors
                      ///< know better.

  /// Throws Error (kCheckpoint) naming file, key, value and what was expected: wrong types, missing sizes,
  /// impossible values, contradicting spellings, a model type or a quantisation that ttx does not do.
  static Config parse(std::string_view json, const std::string& file);
  static Config read(const std::filesystem::path& file);

  /// Makes `factor` of rope and rope_local what `choice` says where their type is yarn. Throws Error (kUsage)
  /// on kLengthRatio when neither is.
  void choose(YarnFactor choice);
};

}  // namespace ttx::hf
