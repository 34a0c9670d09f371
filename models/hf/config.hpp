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
/// class (Qwen3Config); unknown keys are ignored.
struct Config {
  std::string model_type;
  std::vector<std::string> architectures;

  std::int64_t hidden_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t num_key_value_heads = 0;  ///< divides num_attention_heads
  std::int64_t head_dim = 0;             ///< even; not always hidden_size / num_attention_heads
  /// For messages about sizes: names each of the two above that the file leaves out, with its value; empty
  /// when it has both.
  std::string defaults_taken;
  std::int64_t intermediate_size = 0;
  std::int64_t vocab_size = 0;  ///< rows of the embedding
  std::int64_t max_position_embeddings = 0;
  double rms_norm_eps = 0.0;
  std::string hidden_act;
  bool tie_word_embeddings = false;
  bool attention_bias = false;
  RopeConfig rope;

  bool use_sliding_window = false;
  std::optional<std::int64_t> sliding_window;  ///< in force only with use_sliding_window
  std::int64_t max_window_layers = 0;
  /// One per layer: "full_attention" or "sliding_attention"; worked out from the three above when the file
  /// has none.
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
};

}  // namespace ttx::hf
