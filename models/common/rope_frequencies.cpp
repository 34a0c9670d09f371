// SPDX-License-Identifier: Apache-2.0
#include "models/common/rope_frequencies.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string>

#include "runtime/error.hpp"

namespace ttx {

namespace {

/// theta^(2j/dim) for every pair j; exponent and power are rounded to fp32.
std::vector<float> powers(double theta, std::int64_t dim) {
  std::vector<float> power;
  for (std::int64_t j = 0; j < dim / 2; ++j) {
    const float exponent = static_cast<float>(2 * j) / static_cast<float>(dim);
    power.push_back(static_cast<float>(std::pow(theta, static_cast<double>(exponent))));
  }
  return power;
}

std::vector<float> inverses(std::vector<float> values) {
  for (float& value : values) {
    value = 1.0F / value;
  }
  return values;
}

/// A longer sequence gets a larger base; fp32, as the library has it in tensors.
double dynamic_theta(const hf::RopeConfig& rope, std::int64_t dim, std::int64_t length) {
  if (length <= rope.max_position_embeddings) {
    return rope.theta;
  }
  const float longer = static_cast<float>(rope.factor) * static_cast<float>(length) /
                       static_cast<float>(rope.max_position_embeddings);
  const float base = longer - static_cast<float>(rope.factor - 1.0);
  const double exponent = static_cast<double>(dim) / static_cast<double>(dim - 2);
  const auto power = static_cast<float>(std::pow(static_cast<double>(base), exponent));
  return static_cast<float>(rope.theta) * power;
}

/// Long wavelengths are stretched, short ones stay, those between are blended.
std::vector<float> llama3(const hf::RopeConfig& rope, std::vector<float> inverse) {
  const auto factor = static_cast<float>(rope.factor);
  const auto original = static_cast<float>(rope.original_max_position_embeddings);
  const auto low = static_cast<float>(rope.low_freq_factor);
  const auto range = static_cast<float>(rope.high_freq_factor - rope.low_freq_factor);
  const auto longest = static_cast<double>(rope.original_max_position_embeddings) / rope.low_freq_factor;
  const auto shortest = static_cast<double>(rope.original_max_position_embeddings) / rope.high_freq_factor;
  for (float& value : inverse) {
    const float wavelength = static_cast<float>(2.0 * std::numbers::pi) / value;
    if (wavelength > static_cast<float>(longest)) {
      value = value / factor;
    } else if (wavelength >= static_cast<float>(shortest)) {
      const float smooth = (original / wavelength - low) / range;
      value = (1.0F - smooth) * value / factor + smooth * value;
    }
  }
  return inverse;
}

/// The pair, as a real number, that turns `rotations` times within the original length.
double yarn_pair(const hf::RopeConfig& rope, std::int64_t dim, double rotations) {
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  return static_cast<double>(dim) * std::log(original / (rotations * 2.0 * std::numbers::pi)) /
         (2.0 * std::log(rope.theta));
}

/// Pairs that turn often keep their frequency, those that turn seldom are stretched by the factor, with a
/// ramp between.
std::vector<float> yarn(const hf::RopeConfig& rope, std::int64_t dim) {
  double low = yarn_pair(rope, dim, rope.beta_fast);
  double high = yarn_pair(rope, dim, rope.beta_slow);
  if (rope.truncate) {
    low = std::floor(low);
    high = std::ceil(high);
  }
  low = std::max(low, 0.0);
  high = std::min(high, static_cast<double>(dim - 1));
  high += low == high ? 0.001 : 0.0;
  std::vector<float> inverse = powers(rope.theta, dim);
  for (std::size_t j = 0; j < inverse.size(); ++j) {
    const float kept = 1.0F / inverse[j];
    const float stretched = 1.0F / (static_cast<float>(rope.factor) * inverse[j]);
    const float ramp = (static_cast<float>(j) - static_cast<float>(low)) / static_cast<float>(high - low);
    const float share = 1.0F - std::clamp(ramp, 0.0F, 1.0F);
    inverse[j] = stretched * (1.0F - share) + kept * share;
  }
  return inverse;
}

std::vector<float> longrope(const hf::RopeConfig& rope, std::int64_t dim, std::int64_t length) {
  const std::vector<double>& divisors =
      length > rope.original_max_position_embeddings ? rope.long_factor : rope.short_factor;
  std::vector<float> inverse = powers(rope.theta, dim);
  TTX_CHECK_AS(divisors.size() == inverse.size(), ExitCode::kCheckpoint, "rope",
               "longrope divisors: got {}, expected {}, one per pair of the {} values that turn",
               divisors.size(), inverse.size(), dim);
  for (std::size_t j = 0; j < inverse.size(); ++j) {
    inverse[j] = 1.0F / (static_cast<float>(divisors[j]) * inverse[j]);
  }
  return inverse;
}

double yarn_scaling(const hf::RopeConfig& rope) {
  const auto scaling = [&](double mscale) {
    return rope.factor <= 1.0 ? 1.0 : 0.1 * mscale * std::log(rope.factor) + 1.0;
  };
  if (rope.mscale && rope.mscale_all_dim) {
    return scaling(*rope.mscale) / scaling(*rope.mscale_all_dim);
  }
  return scaling(1.0);
}

double longrope_scaling(const hf::RopeConfig& rope) {
  const auto original = static_cast<double>(rope.original_max_position_embeddings);
  return rope.factor <= 1.0 ? 1.0 : std::sqrt(1.0 + std::log(rope.factor) / std::log(original));
}

}  // namespace

RopeFrequencies rope_frequencies(const hf::RopeConfig& rope, std::int64_t head_dim, std::int64_t length) {
  const std::int64_t dim = rope.rotary_dim(head_dim);
  if (rope.type == "default") {
    return {.inverse = inverses(powers(rope.theta, dim))};
  }
  if (rope.type == "linear") {
    std::vector<float> inverse = inverses(powers(rope.theta, dim));
    for (float& value : inverse) {
      value = value / static_cast<float>(rope.factor);
    }
    return {.inverse = std::move(inverse)};
  }
  if (rope.type == "dynamic") {
    return {.inverse = inverses(powers(dynamic_theta(rope, dim, length), dim))};
  }
  if (rope.type == "llama3") {
    return {.inverse = llama3(rope, inverses(powers(rope.theta, dim)))};
  }
  if (rope.type == "yarn") {
    return {.inverse = yarn(rope, dim),
            .attention_scaling = static_cast<float>(rope.attention_factor.value_or(yarn_scaling(rope)))};
  }
  TTX_CHECK_AS(rope.type == "longrope", ExitCode::kCheckpoint, "rope",
               "rope type: got \"{}\", expected default, linear, dynamic, llama3, yarn or longrope",
               rope.type);
  return {.inverse = longrope(rope, dim, length),
          .attention_scaling = static_cast<float>(rope.attention_factor.value_or(longrope_scaling(rope)))};
}

}  // namespace ttx
