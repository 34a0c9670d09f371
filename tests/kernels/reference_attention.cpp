// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/reference_attention.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "tests/kernels/reference.hpp"

namespace ttx::reference {
namespace {

constexpr std::int64_t kBlock = 64;
constexpr float kNone = -std::numeric_limits<float>::infinity();

/// The greater; the second when either is a NaN.
float greater(float a, float b) { return a > b ? a : b; }

/// Of 64 scores: lane j mod 16 first, as ((0,16),(32,48)), then the lanes (i,i+8) (i,i+4) (i,i+2) (i,i+1).
float greatest(std::vector<float> scores) {
  scores.resize(kBlock, kNone);
  std::vector<float> lane(16);
  for (std::size_t i = 0; i < 16; ++i) {
    lane[i] = greater(greater(scores[i], scores[i + 16]), greater(scores[i + 32], scores[i + 48]));
  }
  for (std::size_t half : {8U, 4U, 2U, 1U}) {
    for (std::size_t i = 0; i < half; ++i) {
      lane[i] = greater(lane[i], lane[i + half]);
    }
  }
  return lane[0];
}

float scored(float dot, const AttentionRule& rule) {
  const float scaled = product(dot, rule.scale);
  if (rule.soft_cap == 0.0F) {
    return scaled;
  }
  return product(rule.soft_cap, hyperbolic_tangent(quotient(scaled, rule.soft_cap)));
}

}  // namespace

std::vector<Bf16> attend_row(const Bf16* q, const Bf16* keys, const Bf16* values, std::int64_t position,
                             std::int64_t head_dim, const AttentionRule& rule) {
  float max = kNone;
  float total = 0.0F;
  std::vector<float> acc(static_cast<std::size_t>(head_dim), 0.0F);
  const auto sees = [&](std::int64_t key) {
    return key <= position && (rule.window == 0 || key > position - rule.window);
  };
  for (std::int64_t start = 0; start <= position; start += kBlock) {
    if (!sees(std::min(start + kBlock - 1, position))) {
      continue;
    }
    std::vector<float> scores;
    for (std::int64_t j = start; j < start + kBlock; ++j) {
      float score = 0.0F;
      for (std::int64_t d = 0; sees(j) && d < head_dim; d += 2) {
        score = pair_step(q[d], q[d + 1], keys[j * head_dim + d], keys[j * head_dim + d + 1], score);
      }
      scores.push_back(sees(j) ? scored(score, rule) : kNone);
    }
    const float new_max = greater(greatest(scores), max);
    std::vector<Bf16> p;
    std::vector<float> widened;
    for (std::int64_t j = 0; j < kBlock; ++j) {
      const float score = scores[static_cast<std::size_t>(j)];
      p.push_back(sees(start + j) ? round(exponential(sum(score, -new_max))) : Bf16{0});
      widened.push_back(widen(p.back()));
    }
    const float rescale = exponential(sum(max, -new_max));
    total = sum(product(total, rescale), sum_of_lanes(widened));
    max = new_max;
    for (std::int64_t d = 0; d < head_dim; ++d) {
      float& out = acc[static_cast<std::size_t>(d)];
      out = product(out, rescale);
      const auto value = [&](std::int64_t j) {
        return sees(start + j) ? values[(start + j) * head_dim + d] : Bf16{0};
      };
      for (std::int64_t j = 0; j < kBlock; j += 2) {
        if (sees(start + j) || sees(start + j + 1)) {
          out = pair_step(p[static_cast<std::size_t>(j)], p[static_cast<std::size_t>(j + 1)], value(j),
                          value(j + 1), out);
        }
      }
    }
  }
  std::vector<Bf16> out;
  for (const float value : acc) {
    out.push_back(round(quotient(value, total)));
  }
  return out;
}

}  // namespace ttx::reference
