// SPDX-License-Identifier: Apache-2.0
#include "models/reference/rotary_frequencies.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace ttx::reference {

namespace {

/// theta^(2j/d) for the j-th pair.
std::vector<float> powers(float theta, std::int64_t dim) {
  std::vector<float> values;
  for (std::int64_t j = 0; j < dim / 2; ++j) {
    values.push_back(std::pow(theta, static_cast<float>(2 * j) / static_cast<float>(dim)));
  }
  return values;
}

/// Long wavelengths are divided, short ones stay, in between the two are mixed.
float llama3(const hf::RopeConfig& rope, float frequency) {
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  const auto factor = static_cast<float>(rope.factor);
  const float wavelength = static_cast<float>(2.0 * std::numbers::pi) / frequency;
  if (wavelength < static_cast<float>(original / rope.high_freq_factor)) {
    return frequency;
  }
  if (wavelength > static_cast<float>(original / rope.low_freq_factor)) {
    return frequency / factor;
  }
  const float smooth =
      (static_cast<float>(original) / wavelength - static_cast<float>(rope.low_freq_factor)) /
      static_cast<float>(rope.high_freq_factor - rope.low_freq_factor);
  return (1.0F - smooth) * frequency / factor + smooth * frequency;
}

/// The base grows with the sequence.
float dynamic_theta(const hf::RopeConfig& rope, std::int64_t dim, std::int64_t length) {
  const auto most = static_cast<float>(rope.max_position_embeddings);
  const auto longer = static_cast<float>(std::max(length, rope.max_position_embeddings));
  const auto factor = static_cast<float>(rope.factor);
  const float stretch = factor * longer / most - static_cast<float>(rope.factor - 1.0);
  const auto exponent = static_cast<float>(static_cast<double>(dim) / static_cast<double>(dim - 2));
  return static_cast<float>(rope.theta) * std::pow(stretch, exponent);
}

/// Between which pairs yarn goes from the frequencies as they are to the divided ones.
struct YarnRange {
  YarnRange(const hf::RopeConfig& rope, std::int64_t dim)
      : low(pair_of(rope, dim, rope.beta_fast)), high(pair_of(rope, dim, rope.beta_slow)) {
    if (rope.truncate) {
      low = std::floor(low);
      high = std::ceil(high);
    }
    low = std::max(low, 0.0);
    high = std::min(high, static_cast<double>(dim - 1));
    if (low == high) {
      high += 0.001;
    }
  }
  /// The pair that turns this often over the original length.
  static double pair_of(const hf::RopeConfig& rope, std::int64_t dim, double turns) {
    const auto original = static_cast<double>(rope.original_max_position_embeddings);
    return static_cast<double>(dim) * std::log(original / (turns * 2.0 * std::numbers::pi)) /
           (2.0 * std::log(rope.theta));
  }
  float ramp(std::size_t j) const {
    const float place = (static_cast<float>(j) - static_cast<float>(low)) / static_cast<float>(high - low);
    return std::clamp(place, 0.0F, 1.0F);
  }

  double low;
  double high;
};

double yarn_scale(double factor, double mscale) {
  return factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(factor) + 1.0;
}

}  // namespace

std::vector<float> inverse_frequencies(const hf::RopeConfig& rope, std::int64_t head_dim,
                                       std::int64_t length) {
  const std::int64_t dim = rope.rotary_dim(head_dim);
  const float theta =
      rope.type == "dynamic" ? dynamic_theta(rope, dim, length) : static_cast<float>(rope.theta);
  const std::vector<float> power = powers(theta, dim);
  const auto factor = static_cast<float>(rope.factor);
  std::vector<float> frequencies;
  for (std::size_t j = 0; j < power.size(); ++j) {
    const float plain = 1.0F / power[j];
    if (rope.type == "linear") {
      frequencies.push_back(plain / factor);
    } else if (rope.type == "llama3") {
      frequencies.push_back(llama3(rope, plain));
    } else if (rope.type == "yarn") {
      const float kept = 1.0F - YarnRange(rope, dim).ramp(j);
      const float divided = 1.0F / (factor * power[j]);
      frequencies.push_back(divided * (1.0F - kept) + plain * kept);
    } else if (rope.type == "longrope") {
      const bool is_long = length > rope.original_max_position_embeddings;
      const double divisor = is_long ? rope.long_factor[j] : rope.short_factor[j];
      frequencies.push_back(1.0F / (static_cast<float>(divisor) * power[j]));
    } else {
      frequencies.push_back(plain);
    }
  }
  return frequencies;
}

float attention_scaling(const hf::RopeConfig& rope) {
  if (rope.type != "yarn" && rope.type != "longrope") {
    return 1.0F;
  }
  if (rope.attention_factor) {
    return static_cast<float>(*rope.attention_factor);
  }
  if (rope.type == "longrope") {
    const auto original = static_cast<double>(rope.original_max_position_embeddings);
    return rope.factor <= 1.0
               ? 1.0F
               : static_cast<float>(std::sqrt(1.0 + std::log(rope.factor) / std::log(original)));
  }
  return rope.mscale && rope.mscale_all_dim
             ? static_cast<float>(yarn_scale(rope.factor, *rope.mscale) /
                                  yarn_scale(rope.factor, *rope.mscale_all_dim))
             : static_cast<float>(yarn_scale(rope.factor, 1.0));
}

}  // namespace ttx::reference
