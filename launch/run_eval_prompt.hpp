// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <vector>

#include "models/hf/tokenizer/tokenizer.hpp"

namespace ttx::launch {

/// Puts a tokenizer's special tokens around ids: build_inputs_with_special_tokens.
using BuildInputs = std::function<std::vector<std::int32_t>(std::span<const std::int32_t> ids)>;

/// `encoded` less the special ids; when nothing is left of it, the smallest id below `vocab_size` that is
/// not special. Throws Error(kUsage) when all are.
std::vector<std::int32_t> prompt_seed(std::span<const std::int32_t> encoded,
                                      const std::function<bool(std::int32_t id)>& is_special,
                                      std::int64_t vocab_size);

/// `prefill_len` tokens: the seed again and again, within the special tokens. Throws Error(kUsage) when there
/// is no room in them beside those.
std::vector<std::int32_t> build_prompt(std::span<const std::int32_t> seed, const BuildInputs& build_inputs,
                                       std::int64_t prefill_len);

/// Makes prompts of any length from a model's tokenizer alone, out of the sentence "The quick brown fox jumps
/// over the lazy dog.", as scripts/run_eval.py does.
class PromptMaker {
 public:
  /// `folder` is the tokenizer's. Throws Error as Tokenizer::load and prompt_seed do.
  explicit PromptMaker(const std::filesystem::path& folder);

  /// See build_prompt.
  std::vector<std::int32_t> prompt(std::int64_t prefill_len) const;

 private:
  hf::Tokenizer tokenizer_;
  std::vector<std::int32_t> seed_;
};

}  // namespace ttx::launch
