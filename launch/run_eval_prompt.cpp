// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_prompt.hpp"

#include <algorithm>
#include <iterator>
#include <set>

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

std::vector<std::int32_t> build_prompt(std::span<const std::int32_t> seed, const BuildInputs& build_inputs,
                                       std::int64_t prefill_len) {
  TTX_CHECK_AS(prefill_len >= 1, ExitCode::kUsage, "prompt", "prefill_len must be >= 1: got {}", prefill_len);
  const auto special = static_cast<std::int64_t>(build_inputs({}).size());
  TTX_CHECK_AS(prefill_len > special, ExitCode::kUsage, "prompt",
               "prefill_len must exceed the number of special tokens: got {}, expected more than {}",
               prefill_len, special);
  std::vector<std::int32_t> body(static_cast<std::size_t>(prefill_len - special));
  for (std::size_t i = 0; i < body.size(); ++i) {
    body[i] = seed[i % seed.size()];
  }
  std::vector<std::int32_t> prompt = build_inputs(body);
  TTX_CHECK_AS(static_cast<std::int64_t>(prompt.size()) == prefill_len, ExitCode::kUsage, "prompt",
               "Failed to build prompt ids with requested length: got {}, expected {}", prompt.size(),
               prefill_len);
  return prompt;
}

PromptMaker::PromptMaker(const std::filesystem::path& folder) : tokenizer_(hf::Tokenizer::load(folder)) {
  const hf::TokenizerConfig config = hf::read_tokenizer_config(folder / "tokenizer_config.json");
  const std::set<std::int32_t> special = special_ids(tokenizer_, config.special);
  seed_ = prompt_seed(
      tokenizer_.encode(kSentence, hf::AddSpecialTokens::kNo),
      [&](std::int32_t id) { return special.contains(id); }, tokenizer_.vocab_size());
}

std::vector<std::int32_t> PromptMaker::prompt(std::int64_t prefill_len) const {
  return build_prompt(
      seed_,
      [this](std::span<const std::int32_t> ids) { return tokenizer_.build_inputs_with_special_tokens(ids); },
      prefill_len);
}

}  // namespace ttx::launch
