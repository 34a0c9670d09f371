// SPDX-License-Identifier: Apache-2.0
#include "models/reference/rotary_angles.hpp"

#include <cmath>

namespace ttx::reference {

RotaryAngles default_rotary_angles(double theta, std::int64_t head_dim, std::int64_t length) {
  RotaryAngles angles;
  angles.half = head_dim / 2;
  std::vector<float> inv_freq;
  for (std::int64_t j = 0; j < angles.half; ++j) {
    const float exponent = static_cast<float>(2 * j) / static_cast<float>(head_dim);
    inv_freq.push_back(1.0F / std::pow(static_cast<float>(theta), exponent));
  }
  angles.cos.reserve(static_cast<std::size_t>(length * angles.half));
  angles.sin.reserve(static_cast<std::size_t>(length * angles.half));
  for (std::int64_t position = 0; position < length; ++position) {
    for (const float frequency : inv_freq) {
      const float angle = static_cast<float>(position) * frequency;
      angles.cos.push_back(std::cos(angle));
      angles.sin.push_back(std::sin(angle));
    }
  }
  return angles;
}

}  // namespace ttx::reference
