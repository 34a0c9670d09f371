// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "models/common/logits_processors.hpp"
#include "models/reference/decoder_reference.hpp"
#include "models/reference/reference_file.hpp"
#include "models/reference/reference_tokens.hpp"

namespace ttx::reference {

/// Which large tensors to keep. A caller that only scores tokens keeps neither.
enum class Keep { kTokens, kLogits, kLogitsAndHiddenStates };

struct GreedyResult {
  Reference reference;     ///< metadata but for `model`, which the caller names
  ReferenceTokens tokens;  ///< the same tokens, and how sure the model was of each
};

/// Told after each new token.
using TokenProgress = std::function<void(std::int64_t done, std::int64_t most)>;

/// Greedy generate() of transformers in fp32: the prompt in one call, then token by token; an end-of-sequence
/// token that stops it is the last target. Logits are those before the processors. Starts a new sequence in
/// `model`. Throws Error on an empty prompt, on settings that check() refuses, and (kLength) when prompt and
/// new tokens do not fit the model.
GreedyResult generate_reference(DecoderReference& model, std::span<const std::int32_t> prompt,
                                const GreedySettings& settings, Keep keep = Keep::kTokens,
                                const TokenProgress& progress = {});

}  // namespace ttx::reference
