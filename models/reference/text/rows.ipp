// SPDX-License-Identifier: Apache-2.0
// What happens to one row of values.

using ArrayMap = Eigen::Map<Eigen::ArrayXf>;
using ConstArrayMap = Eigen::Map<const Eigen::ArrayXf>;

void rms_norm(const float* x, const float* weight, std::int64_t n, float eps, float* y) {
  const ConstArrayMap in(x, n);
  const float scale = 1.0F / __builtin_sqrtf(in.square().mean() + eps);
  ArrayMap(y, n) = ConstArrayMap(weight, n) * (in * scale);
}

void rotate(float* x, const float* cos, const float* sin, std::int64_t d) {
  const std::int64_t half = d / 2;
  for (std::int64_t i = 0; i < half; ++i) {
    const float low = x[i];
    const float high = x[i + half];
    x[i] = low * cos[i] - high * sin[i];
    x[i + half] = high * cos[i] + low * sin[i];
  }
}

void multiply(float* x, const float* y, std::int64_t n) { ArrayMap(x, n) *= ConstArrayMap(y, n); }

void add(float* x, const float* y, std::int64_t n) { ArrayMap(x, n) += ConstArrayMap(y, n); }
