// SPDX-License-Identifier: Apache-2.0
#include "models/reference/reference_tokens.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/error.hpp"

namespace ttx::reference {

Certainty certainty(std::span<const float> logits, std::int32_t target) {
  TTX_CHECK(target >= 0 && static_cast<std::size_t>(target) < logits.size(), "reference",
            "token {} has no logit: the vocabulary has {} rows", target, logits.size());
  const auto at = static_cast<std::size_t>(target);
  float best_other = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (i != at) {
      best_other = std::max(best_other, logits[i]);
    }
  }
  const float top = std::max(best_other, logits[at]);
  // With p = exp(x - top) / sum: entropy = log(sum) - sum(exp(x - top) (x - top)) / sum.
  double sum = 0;
  double weighted = 0;
  for (const float logit : logits) {
    const double below = static_cast<double>(logit) - static_cast<double>(top);
    const double e = std::exp(below);
    if (e > 0) {
      sum += e;
      weighted += e * below;
    }
  }
  return {logits[at] - best_other, top, static_cast<float>(std::log(sum) - weighted / sum)};
}

void ReferenceTokens::append(std::int32_t target, const Certainty& how_sure) {
  target_ids.push_back(target);
  margin.push_back(how_sure.margin);
  top_logit.push_back(how_sure.top_logit);
  entropy.push_back(how_sure.entropy);
}

ReferenceTokens tokens_of(const Reference& reference) {
  TTX_CHECK(reference.logits.shape().rank() == 2, "reference",
            "the reference has no logits; make the file again with launch/make_reference.py");
  ReferenceTokens tokens;
  tokens.prompt_ids = reference.prompt_ids;
  std::vector<float> row(static_cast<std::size_t>(reference.logits.shape()[1]));
  const std::byte* source = reference.logits.bytes().data();
  for (const std::int32_t target : reference.target_ids) {
    std::memcpy(row.data(), source, row.size() * sizeof(float));  // a view of a file may be unaligned
    source += row.size() * sizeof(float);
    tokens.append(target, certainty(row, target));
  }
  return tokens;
}

}  // namespace ttx::reference
