// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace ttx::hf {

/// Which linear layers have biases. kByConfig: those of attention all follow `attention_bias`, those of the
/// MLP `mlp_bias`.
enum class BiasRule { kNone, kByConfig, kQueryKeyValue };

/// Which layers look back over `sliding_window` positions only. kAll: all, once the window is set; kUpper:
/// those from `max_window_layers` on, with `use_sliding_window`; kPattern: all but every
/// `sliding_window_pattern`-th. `layer_types` in the file comes first in the last two.
enum class WindowRule { kNone, kAll, kUpper, kPattern };

/// What the class of transformers fills in for one model type. Sizes: 0 where the file has to say.
struct ConfigFamily {
  std::string_view model_type;
  std::string_view architecture;

  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t vocab_size = 0;
  std::int64_t num_key_value_heads = 0;  ///< 0: as many as query heads
  std::int64_t head_dim = 0;             ///< 0: hidden_size / num_attention_heads
  bool null_head_dim_is_worked_out = true;
  std::int64_t max_position_embeddings = 0;
  std::int64_t original_max_position_embeddings = 0;  ///< of rope; 0: max_position_embeddings
  double rms_norm_eps = 1e-6;
  bool tie_word_embeddings = false;

  std::string_view activation_key = "hidden_act";
  std::string_view activation = "silu";
  BiasRule attention_bias = BiasRule::kNone;
  BiasRule mlp_bias = BiasRule::kNone;
  std::optional<double> query_pre_attn_scalar = std::nullopt;

  double rope_theta = 10000.0;
  std::optional<double> rope_local_theta = std::nullopt;

  WindowRule window = WindowRule::kNone;
  std::optional<std::int64_t> sliding_window = std::nullopt;
  std::int64_t layers_of_pattern = 0;  ///< max_window_layers or sliding_window_pattern

  std::optional<std::int32_t> bos_token_id = std::nullopt;
  std::optional<std::int32_t> eos_token_id = std::nullopt;
  std::optional<std::int32_t> pad_token_id = std::nullopt;
};

std::span<const ConfigFamily> config_families();

}  // namespace ttx::hf
