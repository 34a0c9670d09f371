// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/hf/rope_config.hpp"

namespace ttx::reference {

/// One inverse frequency for each pair of values that turns, every step rounded to fp32 as PyTorch does. A
/// sequence of `length` tokens may change them: longrope has other divisors beyond the original length,
/// dynamic another base beyond max_position_embeddings. Source: transformers, modeling_rope_utils.py.
std::vector<float> inverse_frequencies(const hf::RopeConfig& rope, std::int64_t head_dim,
                                       std::int64_t length);

/// What cos and sin are multiplied by: 1 but for yarn and longrope.
float attention_scaling(const hf::RopeConfig& rope);

}  // namespace ttx::reference
