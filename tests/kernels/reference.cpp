// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/reference.hpp"

#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>

namespace ttx::reference {
namespace {

/// Rounds a double, exact or rounded far below 24 bits, to fp32 with an unbounded exponent, then flushes.
float round_tiny(double exact) {
  const float scaled = static_cast<float>(std::ldexp(exact, 100));
  return std::fabs(scaled) < 0x1p-26F ? std::copysign(0.0F, scaled) : std::ldexp(scaled, -100);
}

bool near_underflow(double value) { return std::fabs(value) < 0x1p-120; }

}  // namespace

float widen(Bf16 value) { return std::bit_cast<float>(static_cast<std::uint32_t>(value.bits) << 16U); }

Bf16 round(float value) {
  if (std::isnan(value)) {
    return {0x7FC0};
  }
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(flush(value));
  const std::uint32_t below = bits & 0xFFFFU;
  const std::uint32_t kept = bits >> 16U;
  const bool up = below > 0x8000U || (below == 0x8000U && kept % 2 == 1);
  return {static_cast<std::uint16_t>(kept + (up ? 1 : 0))};
}

float flush(float value) { return std::fabs(value) < kSmallestNormal ? std::copysign(0.0F, value) : value; }

float fused(float a, float b, float c) {
  a = flush(a);
  b = flush(b);
  c = flush(c);
  const float plain = std::fma(a, b, c);
  if (!(std::fabs(plain) < 0x1p-100F) || std::fabs(c) > 1.0F) {
    return plain;
  }
  // Shifted up by 2^60 the rounding is that of an unbounded exponent. a or b may be large, but their product
  // is not.
  const float shifted = std::fabs(a) < std::fabs(b) ? std::fma(a * 0x1p60F, b, c * 0x1p60F)
                                                    : std::fma(a, b * 0x1p60F, c * 0x1p60F);
  return std::fabs(shifted) < 0x1p-66F ? std::copysign(0.0F, shifted) : shifted * 0x1p-60F;
}

float product(float a, float b) {
  const double exact = static_cast<double>(flush(a)) * flush(b);
  return near_underflow(exact) ? round_tiny(exact) : static_cast<float>(exact);
}

float sum(float a, float b) { return flush(flush(a) + flush(b)); }

float quotient(float a, float b) {
  const double wide = static_cast<double>(flush(a)) / flush(b);
  return near_underflow(wide) ? round_tiny(wide) : flush(a) / flush(b);
}

float pair_step(Bf16 x_even, Bf16 x_odd, Bf16 w_even, Bf16 w_odd, float acc) {
  return fused(widen(x_even), widen(w_even), fused(widen(x_odd), widen(w_odd), acc));
}

float sum_of_lanes(const std::vector<float>& values) {
  float lane[16] = {};
  for (std::size_t j = 0; j < values.size(); ++j) {
    lane[j % 16] = sum(lane[j % 16], values[j]);
  }
  for (int half : {8, 4, 2, 1}) {
    for (int i = 0; i < half; ++i) {
      lane[i] = sum(lane[i], lane[i + half]);
    }
  }
  return lane[0];
}

float tree(const std::vector<float>& values) {
  if (values.size() == 1) {
    return values[0];
  }
  const auto cut = static_cast<std::ptrdiff_t>(std::bit_floor(values.size() - 1));
  return sum(tree({values.begin(), values.begin() + cut}), tree({values.begin() + cut, values.end()}));
}

float exponential(float x) {
  if (std::isnan(x)) {
    return x;
  }
  if (x < -0x1.5d589ep+6F) {
    return 0.0F;
  }
  if (x > 0x1.62e42ep+6F) {
    return std::numeric_limits<float>::infinity();
  }
  x = flush(x);
  const float scaled = x * 0x1.715476p+0F;
  const float n = (scaled + 0x1.8p+23F) - 0x1.8p+23F;
  const float high = n * 0x1.62e4p-1F;
  const float low = n * 0x1.7f7d1cp-20F;
  const float r = (x - high) - low;
  float p = 0x1.6a215ap-10F;
  for (const float coefficient : {0x1.123b9ap-7F, 0x1.5558fcp-5F, 0x1.55549p-3F, 0x1.fffffcp-2F}) {
    const float term = p * r;
    p = term + coefficient;
  }
  const float square = (p * r) * r;
  return std::ldexp((r + square) + 1.0F, static_cast<int>(n));
}

float hyperbolic_tangent(float x) {
  x = flush(x);
  if (std::isnan(x)) {
    return x;
  }
  if (std::fabs(x) < 0.625F) {
    const float z = product(x, x);
    float p = -0x1.75e1c2p-8F;
    for (const float coefficient : {0x1.522698p-6F, -0x1.b83c5ap-5F, 0x1.110726p-3F, -0x1.555532p-2F}) {
      p = sum(product(p, z), coefficient);
    }
    return std::copysign(sum(std::fabs(x), product(std::fabs(x), product(z, p))), x);
  }
  const float far = 1.0F - 2.0F / (exponential(2.0F * std::fabs(x)) + 1.0F);
  return std::copysign(far, x);
}

float normal_cdf(float x) {
  x = flush(x);
  const float k = quotient(1.0F, sum(product(std::fabs(x), 0.3125F), 1.0F));
  float p = -0x1.30709cp-6F;
  for (const float coefficient :
       {0x1.6c911ap-4F, -0x1.29a606p-3F, 0x1.10a5f4p-4F, 0x1.014864p-8F, 0x1.aa6d76p-5F, 0x1.75f47ep-4F,
        0x1.c93748p-4F, 0x1.ff1aaap-4F, 0x1.fe9f74p-4F}) {
    p = sum(product(p, k), coefficient);
  }
  const float tail = product(exponential(product(product(x, x), -0.5F)), product(p, k));
  return x < 0.0F ? tail : sum(1.0F, -tail);
}

std::vector<float> linear(const std::vector<Bf16>& x, const std::vector<Bf16>& w, std::int64_t m,
                          std::int64_t n, std::int64_t k, const kernels::KBlocks& blocks) {
  std::vector<float> out;
  for (std::int64_t row = 0; row < m; ++row) {
    for (std::int64_t column = 0; column < n; ++column) {
      const auto at = [k](const std::vector<Bf16>& of, std::int64_t line, std::int64_t i) {
        return i < k ? of[static_cast<std::size_t>(line * k + i)] : Bf16{0};
      };
      std::vector<float> parts;
      std::int64_t i = 0;
      for (int block = 0; block < blocks.count; ++block) {
        float acc = 0.0F;
        for (; i < blocks.end[static_cast<std::size_t>(block)]; i += 2) {
          acc = pair_step(at(x, row, i), at(x, row, i + 1), at(w, column, i), at(w, column, i + 1), acc);
        }
        parts.push_back(acc);
      }
      out.push_back(tree(parts));
    }
  }
  return out;
}

}  // namespace ttx::reference
