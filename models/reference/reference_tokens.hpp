// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "models/reference/reference_file.hpp"

namespace ttx::reference {

/// How sure the fp32 model is at one position, from its logits before any processor.
struct Certainty {
  /// The target's logit less the largest of the others: top-1 less top-2 when the target is the largest,
  /// negative when a processor chose another. +infinity in a vocabulary of one.
  float margin = 0;
  float top_logit = 0;  ///< the largest logit
  float entropy = 0;    ///< of the softmax, in nats
};

/// Throws Error when `target` is outside the logits.
Certainty certainty(std::span<const float> logits, std::int32_t target);

/// What an evaluation needs of a reference, without the large tensors. One entry of the three last per
/// target.
struct ReferenceTokens {
  std::vector<std::int32_t> prompt_ids;
  std::vector<std::int32_t> target_ids;
  std::vector<float> margin, top_logit, entropy;

  void append(std::int32_t target, const Certainty& how_sure);
};

/// From the logits of a reference file. Throws Error when it holds none.
ReferenceTokens tokens_of(const Reference& reference);

}  // namespace ttx::reference
