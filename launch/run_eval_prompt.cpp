// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_prompt.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>
#include <string>

#include "models/hf/tokenizer/tokenizer.hpp"
#include "models/hf/tokenizer/tokenizer_config.hpp"
#include "runtime/error.hpp"

namespace ttx::launch {

namespace {

constexpr const char* kSentence = "The quick brown fox jumps over the lazy dog.";

/// What transformers calls all_special_ids: tokens with a role, and listed ones.
std::set<std::int32_t> special_ids(const hf::Tokenizer& tokenizer, const hf::SpecialTokens& special) {
  std::set<std::int32_t> ids;
  for (const auto* list : {&special.with_role, &special.listed}) {
    for (const hf::AddedToken& token : *list) {
      if (const auto id = tokenizer.token_to_id(token.content)) {
        ids.insert(*id);
      }
    }
  }
  return ids;
}

std::vector<std::int32_t> end_ids(bool wanted, std::optional<std::int32_t> id) {
  return wanted && id ? std::vector<std::int32_t>{*id} : std::vector<std::int32_t>{};
}

}  // namespace

std::vector<std::int32_t> prompt_seed(std::span<const std::int32_t> encoded,
                                      const std::function<bool(std::int32_t)>& is_special,
                                      std::int64_t vocab_size) {
  std::vector<std::int32_t> seed;
  std::copy_if(encoded.begin(), encoded.end(), std::back_inserter(seed),
               [&](std::int32_t id) { return !is_special(id); });
  for (std::int32_t id = 0; seed.empty() && id < vocab_size; ++id) {
    if (!is_special(id)) {
      seed.push_back(id);
    }
  }
  TTX_CHECK_AS(!seed.empty(), ExitCode::kUsage, "prompt",
               "Tokenizer has no non-special tokens: all {} of its vocabulary are special; take another",
               vocab_size);
  return seed;
}

PromptParts prompt_parts(const std::filesystem::path& folder) {
  const hf::Tokenizer tokenizer = hf::Tokenizer::load(folder);
  const hf::TokenizerConfig config = hf::read_tokenizer_config(folder / "tokenizer_config.json");
  const std::set<std::int32_t> special = special_ids(tokenizer, config.special);
  return {.seed = prompt_seed(
              tokenizer.encode(kSentence, hf::AddSpecialTokens::kNo),
              [&](std::int32_t id) { return special.contains(id); }, tokenizer.vocab_size()),
          .before = end_ids(config.around_ids.add_bos, tokenizer.bos_id()),
          .behind = end_ids(config.around_ids.add_eos, tokenizer.eos_id())};
}

std::vector<std::int32_t> build_prompt(const PromptParts& parts, std::int64_t prefill_len) {
  TTX_CHECK_AS(prefill_len >= 1, ExitCode::kUsage, "prompt", "prefill_len must be >= 1: got {}", prefill_len);
  const auto special = static_cast<std::int64_t>(parts.before.size() + parts.behind.size());
  TTX_CHECK_AS(prefill_len > special, ExitCode::kUsage, "prompt",
               "prefill_len must exceed the number of special tokens: got {}, expected more than {}",
               prefill_len, special);
  std::vector<std::int32_t> prompt = parts.before;
  prompt.reserve(static_cast<std::size_t>(prefill_len));
  for (std::size_t i = 0; i < static_cast<std::size_t>(prefill_len - special); ++i) {
    prompt.push_back(parts.seed[i % parts.seed.size()]);
  }
  prompt.insert(prompt.end(), parts.behind.begin(), parts.behind.end());
  return prompt;
}

}  // namespace ttx::launch
