// SPDX-License-Identifier: Apache-2.0
#include "models/reference/greedy.hpp"

#include <cstring>
#include <utility>
#include <vector>

#include "models/hf/checkpoint.hpp"
#include "runtime/error.hpp"

namespace ttx::reference {

namespace {

/// The hidden states of all calls, [L+1, S, H] each, as one [L+1, sum of S, H].
HostTensor join(const std::vector<std::vector<float>>& calls, std::int64_t entries, std::int64_t hidden) {
  std::size_t total = 0;
  for (const std::vector<float>& call : calls) {
    total += call.size();
  }
  HostTensor joined = HostTensor::zeros(
      "hidden_states", {entries, static_cast<std::int64_t>(total) / (entries * hidden), hidden},
      DataType::FLOAT32);
  std::byte* out = joined.mutable_bytes().data();
  for (std::size_t entry = 0; entry < static_cast<std::size_t>(entries); ++entry) {
    for (const std::vector<float>& call : calls) {
      const std::size_t size = call.size() / static_cast<std::size_t>(entries);
      std::memcpy(out, call.data() + entry * size, size * sizeof(float));
      out += size * sizeof(float);
    }
  }
  return joined;
}

}  // namespace

GreedyResult generate_reference(DecoderReference& model, std::span<const std::int32_t> prompt,
                                const GreedySettings& settings, Keep keep, const TokenProgress& progress) {
  check(settings);
  TTX_CHECK_AS(!prompt.empty(), ExitCode::kUsage, "reference", "the prompt has no tokens; give a longer one");
  model.reset();
  const HiddenStates hidden =
      keep == Keep::kLogitsAndHiddenStates ? HiddenStates::kKeep : HiddenStates::kSkip;
  std::vector<std::int32_t> sequence(prompt.begin(), prompt.end());
  std::vector<float> all_logits;
  std::vector<std::vector<float>> all_hidden;
  GreedyResult result;
  result.tokens.prompt_ids = sequence;

  for (std::int64_t made = 0;;) {
    ForwardOutput output = model.forward(std::span(sequence).last(made == 0 ? prompt.size() : 1), 1, hidden);
    if (keep != Keep::kTokens) {
      all_logits.insert(all_logits.end(), output.logits.begin(), output.logits.end());
    }
    if (hidden == HiddenStates::kKeep) {
      all_hidden.push_back(std::move(output.hidden_states));
    }
    std::vector<float> scores = output.logits;
    const std::int32_t token = choose_greedy(scores, sequence, made, settings);
    result.tokens.append(token, certainty(output.logits, token));
    sequence.push_back(token);
    ++made;
    if (progress) {
      progress(made, settings.max_new_tokens);
    }
    if (is_last(token, made, settings)) {
      break;
    }
  }

  Reference& reference = result.reference;
  reference.prompt_ids = result.tokens.prompt_ids;
  reference.target_ids = result.tokens.target_ids;
  const auto n = static_cast<std::int64_t>(reference.target_ids.size());
  if (keep != Keep::kTokens) {
    reference.logits = HostTensor::from("logits", {n, model.vocab_size()}, std::move(all_logits));
  }
  if (hidden == HiddenStates::kKeep) {
    reference.hidden_states = join(all_hidden, model.layers() + 1, model.hidden_size());
  }
  reference.metadata = {{"format", kReferenceFormat},
                        {"version", kReferenceVersion},
                        {"producer", "ttx"},
                        {"dtype", "float32"},
                        {"checkpoint_fingerprint", model.checkpoint().fingerprint()}};
  return result;
}

}  // namespace ttx::reference
