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

// Eigen's exp gives other bits for whole registers than for the elements before and behind them, and which those are depends
// on the address. So the values pass through a block that is made of whole registers.
void silu_mul(float* gate, const float* up, std::int64_t n) {
  constexpr std::int64_t kBlock = 64;
  using Block = Eigen::Array<float, kBlock, 1>;
  for (std::int64_t begin = 0; begin < n; begin += kBlock) {
    const auto bytes = static_cast<std::size_t>(n - begin < kBlock ? n - begin : kBlock) * sizeof(float);
    Block g = Block::Zero();
    Block u = Block::Zero();
    std::memcpy(g.data(), gate + begin, bytes);
    std::memcpy(u.data(), up + begin, bytes);
    g = g / (1.0F + (-g).exp()) * u;
    std::memcpy(gate + begin, g.data(), bytes);
  }
}

void add(float* x, const float* y, std::int64_t n) { ArrayMap(x, n) += ConstArrayMap(y, n); }
