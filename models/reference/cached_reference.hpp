// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "models/common/logits_processors.hpp"
#include "models/reference/greedy.hpp"
#include "models/reference/reference_tokens.hpp"
#include "models/reference/token_cache.hpp"

namespace ttx::reference {

/// The built-in reference's tokens for one prompt: from the cache, else generated (on all cores of the host;
/// the model lives only while it does) and kept. `progress` is told only when they are generated. Throws
/// Error as DecoderReference and generate_reference do.
ReferenceTokens reference_tokens(const hf::Checkpoint& checkpoint, std::span<const std::int32_t> prompt,
                                 const GreedySettings& settings, TokenCache& cache,
                                 const TokenProgress& progress = {});

}  // namespace ttx::reference
