// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "launch/synth_families.hpp"

namespace ttx::launch {

/// What a config.json says about the tensors of its checkpoint. Where it leaves a size out, the default of
/// the transformers class holds.
struct SynthSizes {
  const SynthFamily* family = nullptr;  ///< of the language model: of the text_config where there is one
  bool multimodal = false;              ///< the config is that of a larger model around it
  std::int64_t hidden = 0;
  std::int64_t layers = 0;
  std::int64_t heads = 0;
  std::int64_t kv_heads = 0;
  std::int64_t head_dim = 0;
  std::int64_t intermediate = 0;
  std::int64_t vocab = 0;
  bool tied = false;
  bool attention_bias = false;
  bool mlp_bias = false;
  /// bfloat16, float16 or float32: what the file says, else bfloat16.
  std::string dtype;

  /// Throws Error (kCheckpoint) naming `file` and the key: what hf::Config refuses, and a head_dim that the
  /// attention ops of a device do not take.
  static SynthSizes read(std::string_view json, const std::string& file);
};

}  // namespace ttx::launch
