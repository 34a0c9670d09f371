// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_numerics/rows.hpp"

#include <cmath>

#include "runtime/device_numerics/matrix_unit.hpp"

namespace ttx::device_numerics {

namespace {

/// Sum of the squares of a row as Dst of bfloat16 collects them.
float sum_of_squares(const bfloat16* x, std::int64_t width) {
  float dest = 0.0F;
  for (std::int64_t begin = 0; begin < width; begin += kStep) {
    float sum = 0.0F;
    for (std::int64_t i = begin; i < std::min(begin + kStep, width); ++i) {
      const float value = operand(x[i]);
      sum += to_bf16_once(value * value);
    }
    dest = to_dest(dest + sum, false);
  }
  return dest;
}

/// x * cos + rotated * sin.
bfloat16 turned(bfloat16 x, float rotated, bfloat16 cos, bfloat16 sin) {
  const float straight = through_pack(operand(x) * operand(cos));
  return packed(straight + through_pack(rotated * operand(sin)));
}

}  // namespace

void rms_norm(const kernels::RmsNormCall& call) {
  for (std::int64_t row = 0; row < call.rows; ++row) {
    const bfloat16* const x = call.x + row * call.width;
    bfloat16* const out = call.out + row * call.width;
    const float mean = to_bf16_once(sum_of_squares(x, call.width) / static_cast<float>(call.width));
    const float factor = to_bf16_once(1.0F / std::sqrt(to_bf16_once(mean + call.epsilon)));
    for (std::int64_t i = 0; i < call.width; ++i) {
      out[i] = packed(through_pack(operand(x[i]) * factor) * operand(call.weight[i]));
    }
  }
}

void rotary(const kernels::RotaryCall& call) {
  const std::int64_t half = call.width / 2;
  for (std::int64_t vector = 0; vector < call.count; ++vector) {
    const bfloat16* const x = call.x + vector * call.width;
    const bfloat16* const cos = call.cos + vector * call.table_stride;
    const bfloat16* const sin = call.sin + vector * call.table_stride;
    bfloat16* const out = call.out + vector * call.width;
    for (std::int64_t i = 0; i < half; ++i) {
      out[i] = turned(x[i], -operand(x[half + i]), cos[i], sin[i]);
      out[half + i] = turned(x[half + i], operand(x[i]), cos[half + i], sin[half + i]);
    }
  }
}

}  // namespace ttx::device_numerics
