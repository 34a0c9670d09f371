// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace ttx::reference {

/// cos and sin of the rotary angles of rope_type "default", every step rounded to fp32 as PyTorch does:
/// inv_freq = 1 / theta^(2j/head_dim), the angle is position * inv_freq. Source: transformers,
/// modeling_rope_utils.py.
class RotaryAngles {
 public:
  RotaryAngles(double theta, std::int64_t head_dim);

  /// Computes the positions below `length` that are not there yet.
  void extend(std::int64_t length);
  /// [head_dim / 2] each; the position must be below the length reached.
  const float* cos_at(std::int64_t position) const { return cos_.data() + position * half(); }
  const float* sin_at(std::int64_t position) const { return sin_.data() + position * half(); }

 private:
  std::int64_t half() const { return static_cast<std::int64_t>(inv_freq_.size()); }

  std::vector<float> inv_freq_;
  std::vector<float> cos_, sin_;  // [length, head_dim / 2]
  std::int64_t length_ = 0;
};

}  // namespace ttx::reference
