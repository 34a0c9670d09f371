// SPDX-License-Identifier: Apache-2.0
#include "models/reference/rotary_angles.hpp"

#include <cmath>

namespace ttx::reference {

RotaryAngles::RotaryAngles(double theta, std::int64_t head_dim) {
  for (std::int64_t j = 0; j < head_dim / 2; ++j) {
    const float exponent = static_cast<float>(2 * j) / static_cast<float>(head_dim);
    inv_freq_.push_back(1.0F / std::pow(static_cast<float>(theta), exponent));
  }
}

void RotaryAngles::extend(std::int64_t length) {
  for (; length_ < length; ++length_) {
    for (const float frequency : inv_freq_) {
      const float angle = static_cast<float>(length_) * frequency;
      cos_.push_back(std::cos(angle));
      sin_.push_back(std::sin(angle));
    }
  }
}

}  // namespace ttx::reference
