// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/hf/rope_config.hpp"

namespace ttx {

/// What turns the pairs of a head: pair j at position p by the angle p * inverse[j].
struct RopeFrequencies {
  std::vector<float> inverse;      ///< one per pair: rotary_dim(head_dim) / 2
  float attention_scaling = 1.0F;  ///< multiplies cos and sin
};

/// By the formulas of transformers 5 (modeling_rope_utils.py), in fp32 step by step as there: default,
/// linear, dynamic, llama3, yarn, longrope, of the part of a head that turns. `length` is that of the
/// sequence: longrope takes its long divisors when it exceeds original_max_position_embeddings, dynamic its
/// larger base when it exceeds max_position_embeddings. A bring-up passes the length of its table, so one set
/// of frequencies serves all calls, as the bring-ups for TTNN do; the library asks at every call how long the
/// sequence has become.
///
/// yarn's and longrope's factor is `rope.factor`, the file's where it has one, as transformers 5 has it. For
/// the tables of transformers 4.5x set it to rope.length_ratio().
///
/// Throws Error (kCheckpoint) on a rope type that is none of these.
RopeFrequencies rope_frequencies(const hf::RopeConfig& rope, std::int64_t head_dim, std::int64_t length);

}  // namespace ttx
