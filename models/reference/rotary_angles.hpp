// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace ttx::reference {

/// cos and sin of every rotary angle, each [length, head_dim / 2].
struct RotaryAngles {
  std::int64_t half = 0;
  std::vector<float> cos;
  std::vector<float> sin;

  const float* cos_at(std::int64_t position) const { return cos.data() + position * half; }
  const float* sin_at(std::int64_t position) const { return sin.data() + position * half; }
};

/// rope_type "default", every step rounded to fp32 as PyTorch does: inv_freq = 1 / theta^(2j/head_dim), the
/// angle is position * inv_freq. Source: transformers, modeling_rope_utils.py.
RotaryAngles default_rotary_angles(double theta, std::int64_t head_dim, std::int64_t length);

}  // namespace ttx::reference
