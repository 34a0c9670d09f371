// SPDX-License-Identifier: Apache-2.0
#include "models/reference/cached_reference.hpp"

#include <optional>
#include <string>
#include <utility>

#include "models/hf/checkpoint.hpp"
#include "models/reference/decoder_reference.hpp"

namespace ttx::reference {

ReferenceTokens reference_tokens(const hf::Checkpoint& checkpoint, std::span<const std::int32_t> prompt,
                                 const GreedySettings& settings, TokenCache& cache,
                                 const TokenProgress& progress) {
  check(settings);
  const std::string key = token_cache_key(checkpoint.fingerprint(), prompt, settings);
  if (std::optional<ReferenceTokens> known = cache.find(key)) {
    return *std::move(known);
  }
  // The last token is never fed back.
  const auto positions = static_cast<std::int64_t>(prompt.size()) + settings.max_new_tokens - 1;
  DecoderReference model(checkpoint, positions);
  ReferenceTokens tokens = generate_reference(model, prompt, settings, Keep::kTokens, progress).tokens;
  cache.store(key, tokens);
  return tokens;
}

}  // namespace ttx::reference
