// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace ttx {

/// What Hugging Face's greedy generate() does with one row of logits [V] (fp32) before it takes the largest.
/// The same functions serve the reference and the device path. Source: transformers,
/// generation/logits_process.py.

/// More than any model has positions for; keeps sums of lengths far from overflow.
inline constexpr std::int64_t kMostNewTokens = std::int64_t{1} << 31;

/// Everything that decides which tokens greedy generation gives for one prompt.
struct GreedySettings {
  std::int64_t max_new_tokens = 20;
  /// No end-of-sequence token before that many new tokens.
  std::int64_t min_new_tokens = 0;
  /// The end-of-sequence token is itself part of the output.
  std::vector<std::int32_t> eos_token_ids = {};
  float repetition_penalty = 1.0F;
};

/// Throws Error (kUsage) unless 1 <= max_new_tokens <= kMostNewTokens, 0 <= min_new_tokens <= max_new_tokens,
/// repetition_penalty is finite and > 0.
void check(const GreedySettings& settings);

/// Each distinct id of `sequence` (prompt and output), once: s < 0 ? s * penalty : s / penalty.
/// Throws Error when an id is outside [0, V).
void penalize_repetition(std::span<float> logits, std::span<const std::int32_t> sequence, float penalty);

/// Sets the logits of `ids` to minus infinity. Ids outside [0, V) have no logit and are passed over.
void forbid(std::span<float> logits, std::span<const std::int32_t> ids);

/// Index of the largest logit, the lowest one among equals. Throws Error when there is no logit, or one is
/// NaN.
std::int32_t argmax(std::span<const float> logits);

/// The next token: all processors in Hugging Face's order, then argmax. `sequence` is prompt and output so
/// far, its last `new_tokens` ids being output. Only where a processor has something to change are the logits
/// copied.
std::int32_t choose_greedy(std::span<const float> logits, std::span<const std::int32_t> sequence,
                           std::int64_t new_tokens, const GreedySettings& settings);

/// Whether generation is over after `token` became new token number `new_tokens` (counted from 1).
bool is_last(std::int32_t token, std::int64_t new_tokens, const GreedySettings& settings);

}  // namespace ttx
