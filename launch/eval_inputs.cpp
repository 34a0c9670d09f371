// SPDX-License-Identifier: Apache-2.0
#include "launch/eval_inputs.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include <fmt/core.h>

#include "launch/prompt_ids.hpp"
#include "launch/shipped_files.hpp"
#include "models/common/generate.hpp"
#include "models/hf/checkpoint.hpp"
#include "models/hf/tokenizer/tokenizer.hpp"
#include "models/reference/cached_reference.hpp"
#include "models/reference/reference_file.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"
#include "runtime/progress.hpp"

namespace ttx::launch {

namespace {

using Say = std::function<void(std::string_view)>;

bool has_prompt(const EvalOptions& o) { return o.prompt_given || o.prompt_file || o.prompt_ids_file; }

void check_ids(const std::vector<std::int32_t>& ids, const char* what, std::int64_t vocab_size) {
  for (const std::int32_t id : ids) {
    TTX_CHECK(id >= 0 && id < vocab_size, "prompt",
              "{} token outside the vocabulary: got {}, expected 0 to {}; is it another model's?", what, id,
              vocab_size - 1);
  }
}

/// How many tokens there is room for: the sequence may be --max_seq_len long, and all of it but the last
/// token, which is never fed, lies in the cache.
struct Room {
  std::int64_t max_seq_len;
  const CacheRoom& cache;

  std::int64_t tokens() const { return std::min(max_seq_len, cache.length + 1); }
  void check(std::int64_t prompt, std::int64_t new_tokens) const {
    TTX_CHECK_AS(prompt + new_tokens <= max_seq_len, ExitCode::kLength, "prompt",
                 "prompt tokens ({}) + new tokens ({}) exceeds --max_seq_len ({}); increase --max_seq_len",
                 prompt, new_tokens, max_seq_len);
    TTX_CHECK_AS(
        prompt + new_tokens <= tokens(), ExitCode::kLength, "prompt",
        "sequence length {} exceeds cache length {}{}{}; increase MAX_CACHE_SEQ_LEN if memory allows "
        "(--max_cache_seq_len)",
        prompt + new_tokens - 1, cache.length, cache.note.empty() ? "" : ": ", cache.note);
  }
};

EvalInputs from_tokens(reference::ReferenceTokens tokens) {
  return {.prompt_ids = std::move(tokens.prompt_ids),
          .target_ids = std::move(tokens.target_ids),
          .margins = std::move(tokens.margin),
          .top_logits = std::move(tokens.top_logit),
          .entropies = std::move(tokens.entropy)};
}

void cut(EvalInputs& inputs, std::size_t count) {
  inputs.target_ids.resize(std::min(inputs.target_ids.size(), count));
  for (auto* values : {&inputs.margins, &inputs.top_logits, &inputs.entropies}) {
    values->resize(std::min(values->size(), count));
  }
}

EvalInputs from_file(const EvalOptions& o, const hf::Checkpoint& checkpoint, const Say& say) {
  const reference::Reference file = reference::read_reference(*o.reference);
  const auto at = file.metadata.find("checkpoint_fingerprint");
  TTX_CHECK(at == file.metadata.end() || at->second.empty() || at->second == checkpoint.fingerprint(),
            "reference", "{} was made from another checkpoint than {}; make it again", *o.reference,
            checkpoint.folder().string());
  TTX_CHECK(file.logits.empty() || file.logits.shape()[1] == checkpoint.config().vocab_size, "reference",
            "{} was made from a model of another vocabulary: got {} logits a token, expected {}",
            *o.reference, file.logits.shape()[1], checkpoint.config().vocab_size);
  if (has_prompt(o)) {
    TTX_CHECK(prompt_ids(o, checkpoint, say) == file.prompt_ids, "reference",
              "{} was made for another prompt than the one given; leave the prompt out to use the file's",
              *o.reference);
  }
  EvalInputs inputs = file.logits.empty() ? EvalInputs{.prompt_ids = file.prompt_ids,
                                                       .target_ids = file.target_ids,
                                                       .margins = {},
                                                       .top_logits = {},
                                                       .entropies = {}}
                                          : from_tokens(reference::tokens_of(file));
  inputs.logits = file.logits;
  if (o.max_new_tokens_given) {
    cut(inputs, static_cast<std::size_t>(o.max_new_tokens));
  }
  return inputs;
}

EvalInputs from_built_in(const EvalOptions& o, const hf::Checkpoint& checkpoint, const Room& room,
                         const Say& say) {
  const std::vector<std::int32_t> prompt = prompt_ids(o, checkpoint, say);
  check_prompt(prompt, checkpoint.config().vocab_size);
  const auto prompt_len = static_cast<std::int64_t>(prompt.size());
  room.check(prompt_len, 0);
  const GenerateOptions wanted{.max_new_tokens = o.max_new_tokens,
                               .min_new_tokens = o.min_new_tokens,
                               .repetition_penalty = std::nullopt,
                               .eos_token_ids = std::nullopt};
  GreedySettings settings = greedy_settings(checkpoint.generation_config(), wanted, prompt_len);
  // One token more than fits tells a reference that is too long from one that ends in time.
  const std::int64_t left = room.tokens() - prompt_len;
  if (settings.max_new_tokens > left) {
    log::warning(
        "prompt tokens ({}) + new tokens ({}) exceed the {} there is room for by {}: scored only if the "
        "reference ends earlier",
        prompt_len, settings.max_new_tokens, room.tokens(),
        room.tokens() == room.max_seq_len ? "--max_seq_len" : "MAX_CACHE_SEQ_LEN");
    settings.max_new_tokens = left + 1;
    settings.min_new_tokens = std::min(settings.min_new_tokens, settings.max_new_tokens);
  }
  say("Loading HuggingFace reference model on CPU...");
  say("Generating reference tokens...");
  reference::TokenCache cache =
      o.no_cache ? reference::TokenCache::none() : reference::TokenCache(cache_folder());
  Progress progress("Reference tokens", settings.max_new_tokens);
  return from_tokens(reference::reference_tokens(checkpoint, prompt, settings, cache,
                                                 [&](std::int64_t, std::int64_t) { progress.advance(); }));
}

/// The distance between neighbouring bfloat16 values at x.
float bfloat16_step(float x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0F, exponent - 8);
}

}  // namespace

std::vector<std::int32_t> prompt_ids(const EvalOptions& o, const hf::Checkpoint& checkpoint, const Say& say) {
  if (o.prompt_ids_file) {
    return parse_prompt_ids(read_text(*o.prompt_ids_file), *o.prompt_ids_file);
  }
  say("Loading HuggingFace tokenizer...");
  const std::string text = o.prompt_file ? read_text(find_prompt_file(*o.prompt_file)) : o.prompt;
  return hf::Tokenizer::load(checkpoint.folder()).encode(text, hf::AddSpecialTokens::kYes);
}

EvalInputs gather_inputs(const EvalOptions& options, const hf::Checkpoint& checkpoint, const CacheRoom& cache,
                         const Say& say) {
  const Room room{options.max_seq_len, cache};
  EvalInputs inputs =
      options.reference ? from_file(options, checkpoint, say) : from_built_in(options, checkpoint, room, say);
  check_prompt(inputs.prompt_ids, checkpoint.config().vocab_size);
  check_ids(inputs.target_ids, "reference", checkpoint.config().vocab_size);
  const auto made = static_cast<std::int64_t>(inputs.target_ids.size());
  const auto prompt_len = static_cast<std::int64_t>(inputs.prompt_ids.size());
  const bool asked = options.max_new_tokens_given || !options.reference;
  if (asked && made < options.max_new_tokens && prompt_len + made <= room.tokens()) {
    say(fmt::format("Reference generation stopped early (requested {}, got {}). Evaluating available tokens.",
                    options.max_new_tokens, made));
  }
  const bool cut_short =
      made < options.max_new_tokens && !options.reference && prompt_len + made > room.tokens();
  room.check(prompt_len, cut_short ? options.max_new_tokens : made);
  return inputs;
}

void check_prompt(const std::vector<std::int32_t>& prompt, std::int64_t vocab_size) {
  TTX_CHECK_AS(!prompt.empty(), ExitCode::kLength, "prompt",
               "the prompt has no tokens: got 0, expected at least 1; there is nothing to predict from");
  check_ids(prompt, "prompt", vocab_size);
}

void check_prompt_source(const EvalOptions& options) {
  TTX_CHECK(!(options.prompt_file && options.prompt_ids_file), "prompt",
            "Only one of --prompt_file or --prompt_ids_file may be set");
}

double near_tie_share(const EvalInputs& inputs) {
  if (inputs.margins.empty()) {
    return 0.0;
  }
  std::int64_t near = 0;
  for (std::size_t i = 0; i < inputs.margins.size(); ++i) {
    near += inputs.margins[i] <= 4.0F * bfloat16_step(inputs.top_logits[i]) ? 1 : 0;
  }
  return static_cast<double>(near) / static_cast<double>(inputs.margins.size());
}

}  // namespace ttx::launch
