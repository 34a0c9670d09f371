// SPDX-License-Identifier: Apache-2.0
#include "models/reference/rotary_angles.hpp"

#include <cmath>

#include "models/reference/rotary_frequencies.hpp"

namespace ttx::reference {

RotaryAngles::RotaryAngles(const hf::RopeConfig& rope, std::int64_t head_dim)
    : rope_(rope), head_dim_(head_dim) {}

void RotaryAngles::prepare(std::int64_t start, std::int64_t length) {
  const std::vector<float> frequencies = inverse_frequencies(rope_, head_dim_, length);
  const float scaling = attention_scaling(rope_);
  start_ = start;
  cos_.clear();
  sin_.clear();
  for (std::int64_t position = start; position < length; ++position) {
    for (const float frequency : frequencies) {
      const float angle = static_cast<float>(position) * frequency;
      cos_.push_back(std::cos(angle) * scaling);
      sin_.push_back(std::sin(angle) * scaling);
    }
  }
}

}  // namespace ttx::reference
