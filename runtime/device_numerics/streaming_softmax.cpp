// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/streaming_softmax.hpp"

#include <algorithm>

#include "kernels/table.hpp"

namespace ttx::device_numerics {

namespace {

/// exp(score - maximum), packed.
float weight(float score, float maximum, bool fp32_dest) {
  const float difference = score - maximum;
  const float in_dest = fp32_dest ? difference : to_bf16_once(difference);
  float result = 0.0F;
  kernels::active().exponential(&in_dest, 1, &result);
  return through_pack(result);
}

}  // namespace

float scaled_score(float sum, float scale, float soft_cap) {
  const float score = through_pack(through_pack(sum) * scale);
  if (soft_cap <= 0.0F) {
    return score;
  }
  const float ratio = score / soft_cap;
  float result = 0.0F;
  kernels::active().hyperbolic_tangent(&ratio, 1, &result);
  return through_pack(soft_cap * result);
}

float soften(const float* scores, TileRange keys, bool fp32_dest, std::span<bfloat16> weights,
             SoftmaxState& state) {
  const float maximum = std::max(state.maximum, *std::max_element(scores + keys.first, scores + keys.last));
  std::ranges::fill(weights, bfloat16{0});
  float sum = 0.0F;
  for (std::int64_t begin = 0; begin < std::ssize(weights); begin += kStep) {
    float step = 0.0F;
    for (std::int64_t key = std::max(begin, keys.first); key < std::min(begin + kStep, keys.last); ++key) {
      const float p = weight(scores[key], maximum, fp32_dest);
      weights[static_cast<std::size_t>(key)] = packed(p);
      step += p;
    }
    sum = to_dest(sum + step, fp32_dest);
  }
  sum = through_pack(sum);
  float alpha = 1.0F;
  if (state.maximum > -std::numeric_limits<float>::infinity()) {
    alpha = weight(state.maximum, maximum, fp32_dest);
    sum = through_pack(through_pack(alpha * state.sum) + sum);
  }
  state = {maximum, sum};
  return alpha;
}

}  // namespace ttx::device_numerics
