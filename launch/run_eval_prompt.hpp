// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

namespace ttx::launch {

/// What a prompt of any length is made of.
struct PromptParts {
  std::vector<std::int32_t> seed;    ///< repeated as often as it takes; not empty
  std::vector<std::int32_t> before;  ///< special tokens in front, once
  std::vector<std::int32_t> behind;  ///< and at the end
};

/// Of the tokenizer in `folder`. The seed is the sentence "The quick brown fox jumps over the lazy dog." less
/// special tokens. Before and behind it comes what build_inputs_with_special_tokens of transformers 4 adds:
/// with classes of the Llama family BOS and EOS as tokenizer_config.json says; with all others nothing,
/// whatever the post-processor in tokenizer.json does. Throws Error as Tokenizer::load does, and (kUsage)
/// when there are none but special tokens.
PromptParts prompt_parts(const std::filesystem::path& folder);

/// `encoded` less the special ids; when nothing is left of it, the smallest id below `vocab_size` that is
/// not special. Throws Error(kUsage) when all are.
std::vector<std::int32_t> prompt_seed(std::span<const std::int32_t> encoded,
                                      const std::function<bool(std::int32_t id)>& is_special,
                                      std::int64_t vocab_size);

/// A prompt of `prefill_len` tokens. Throws Error(kUsage) when there is no room in it beside the special
/// ones.
std::vector<std::int32_t> build_prompt(const PromptParts& parts, std::int64_t prefill_len);

}  // namespace ttx::launch
