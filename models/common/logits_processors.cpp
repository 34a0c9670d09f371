// SPDX-License-Identifier: Apache-2.0
#include "models/common/logits_processors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/error.hpp"

namespace ttx {

void check(const GreedySettings& settings) {
  TTX_CHECK_AS(settings.max_new_tokens >= 1 && settings.max_new_tokens <= kMostNewTokens, ExitCode::kUsage,
               "generate", "max_new_tokens: got {}, expected 1 to {}", settings.max_new_tokens,
               kMostNewTokens);
  TTX_CHECK_AS(settings.min_new_tokens >= 0 && settings.min_new_tokens <= settings.max_new_tokens,
               ExitCode::kUsage, "generate", "min_new_tokens: got {}, expected 0 to max_new_tokens ({})",
               settings.min_new_tokens, settings.max_new_tokens);
  TTX_CHECK_AS(std::isfinite(settings.repetition_penalty) && settings.repetition_penalty > 0.0F,
               ExitCode::kUsage, "generate", "repetition_penalty: got {}, expected a number above 0",
               settings.repetition_penalty);
}

void penalize_repetition(std::span<float> logits, std::span<const std::int32_t> sequence, float penalty) {
  std::vector<std::int32_t> distinct(sequence.begin(), sequence.end());
  std::sort(distinct.begin(), distinct.end());
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  for (const std::int32_t id : distinct) {
    TTX_CHECK(id >= 0 && static_cast<std::size_t>(id) < logits.size(), "generate",
              "token {} has no logit: the vocabulary has {} rows", id, logits.size());
    float& score = logits[static_cast<std::size_t>(id)];
    score = score < 0.0F ? score * penalty : score / penalty;
  }
}

void forbid(std::span<float> logits, std::span<const std::int32_t> ids) {
  for (const std::int32_t id : ids) {
    if (id >= 0 && static_cast<std::size_t>(id) < logits.size()) {
      logits[static_cast<std::size_t>(id)] = -std::numeric_limits<float>::infinity();
    }
  }
}

std::int32_t argmax(std::span<const float> logits) {
  TTX_CHECK(!logits.empty(), "generate", "there are no logits to choose from");
  std::size_t best = 0;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    TTX_CHECK(!std::isnan(logits[i]), "generate", "logit {} of {} is NaN; the weights or an op are broken", i,
              logits.size());
    if (logits[i] > logits[best]) {
      best = i;
    }
  }
  return static_cast<std::int32_t>(best);
}

std::int32_t choose_greedy(std::span<float> logits, std::span<const std::int32_t> sequence,
                           std::int64_t new_tokens, const GreedySettings& settings) {
  if (settings.repetition_penalty != 1.0F) {
    penalize_repetition(logits, sequence, settings.repetition_penalty);
  }
  if (new_tokens < settings.min_new_tokens) {
    forbid(logits, settings.eos_token_ids);
  }
  return argmax(logits);
}

bool is_last(std::int32_t token, std::int64_t new_tokens, const GreedySettings& settings) {
  const auto& eos = settings.eos_token_ids;
  return new_tokens >= settings.max_new_tokens || std::find(eos.begin(), eos.end(), token) != eos.end();
}

}  // namespace ttx
