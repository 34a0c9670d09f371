// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/reference/fp32_math.hpp"

namespace ttx::hf {
struct Config;
}

namespace ttx::reference {

/// In what the decoders of the model types differ, and their sizes. Source: transformers,
/// models/<type>/modeling_<type>.py.
struct DecoderSettings {
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t query_heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  float epsilon = 0.0F;

  float embedding_scale = 1.0F;    ///< Gemma: sqrt(hidden_size)
  float attention_scale = 1.0F;    ///< of scores
  float attention_softcap = 0.0F;  ///< of scores; 0: none
  float final_softcap = 0.0F;      ///< of logits; 0: none
  Activation activation = Activation::kSilu;

  bool has_gate = true;              ///< Arcee's MLP has none: down(act(up(x)))
  bool is_fused = false;             ///< Phi-3: qkv_proj and gate_up_proj
  bool norms_heads = false;          ///< Qwen3, Gemma: q_norm and k_norm
  bool norms_what_is_added = false;  ///< Gemma: also the outputs of attention and MLP
  bool norms_add_one = false;        ///< Gemma: by 1 + weight
  bool attention_bias = false;
  bool attention_output_bias = false;
  bool mlp_bias = false;

  /// Phi-3: a sequence that outgrows this many tokens is computed again from its start, since its rotary
  /// divisors change (generate() of transformers drops the cache); 0: none.
  std::int64_t recompute_beyond = 0;
  /// Per layer, the keys that a query sees, its own among them; 0: all before it.
  std::vector<std::int64_t> windows;
  /// Per layer, whether the local rotary settings hold.
  std::vector<bool> is_local;

  /// Throws Error (kCheckpoint) when the config has an activation that is not computed here.
  static DecoderSettings of(const hf::Config& config);
};

}  // namespace ttx::reference
