// SPDX-License-Identifier: Apache-2.0
#include "models/common/logits_processors.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

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
  // Sixteen at a time, each with a maximum of its own; then the place of the greatest.
  constexpr std::size_t kLanes = 16;
  std::array<float, kLanes> greatest;
  std::array<std::uint32_t, kLanes> nan{};
  greatest.fill(-std::numeric_limits<float>::infinity());
  const auto look = [&](std::size_t lane, float logit) {
    greatest[lane] = logit > greatest[lane] ? logit : greatest[lane];
    nan[lane] |= std::isnan(logit) ? 1U : 0U;
  };
  const std::size_t whole = logits.size() / kLanes * kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      look(lane, logits[i + lane]);
    }
  }
  for (std::size_t i = whole; i < logits.size(); ++i) {
    look(i - whole, logits[i]);
  }
  if (std::ranges::any_of(nan, [](std::uint32_t seen) { return seen != 0; })) {
    const auto first = std::ranges::find_if(logits, [](float logit) { return std::isnan(logit); });
    TTX_FAIL("generate", "logit {} of {} is NaN; the weights or an op are broken", first - logits.begin(),
             logits.size());
  }
  const auto best = std::ranges::find(logits, std::ranges::max(greatest));
  return static_cast<std::int32_t>(best - logits.begin());
}

std::int32_t choose_greedy(std::span<const float> logits, std::span<const std::int32_t> sequence,
                           std::int64_t new_tokens, const GreedySettings& settings) {
  const bool penalized = settings.repetition_penalty != 1.0F;
  const bool forbidden = new_tokens < settings.min_new_tokens;
  if (!penalized && !forbidden) {
    return argmax(logits);
  }
  std::vector<float> changed(logits.begin(), logits.end());
  if (penalized) {
    penalize_repetition(changed, sequence, settings.repetition_penalty);
  }
  if (forbidden) {
    forbid(changed, settings.eos_token_ids);
  }
  return argmax(changed);
}

bool is_last(std::int32_t token, std::int64_t new_tokens, const GreedySettings& settings) {
  const auto& eos = settings.eos_token_ids;
  return new_tokens >= settings.max_new_tokens || std::find(eos.begin(), eos.end(), token) != eos.end();
}

}  // namespace ttx
