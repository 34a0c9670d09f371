// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_self.hpp"

#include <optional>
#include <vector>

#include "launch/eval_inputs.hpp"
#include "models/common/generate.hpp"
#include "models/eval/scores.hpp"
#include "models/hf/checkpoint.hpp"
#include "models/reference/cached_reference.hpp"
#include "models/reference/decoder_reference.hpp"
#include "runtime/progress.hpp"

namespace ttx::launch {

Agreement score_reference(const std::filesystem::path& folder, std::span<const std::int32_t> prompt,
                          std::int64_t decode_len, PromptPath path, hf::YarnFactor yarn_factor,
                          reference::TokenCache& cache) {
  if (decode_len < 1) {
    return {};
  }
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(folder, yarn_factor);
  const std::vector<std::int32_t> prompt_ids(prompt.begin(), prompt.end());
  check_prompt(prompt_ids, checkpoint.config().vocab_size);
  const GreedySettings settings = greedy_settings(checkpoint.generation_config(),
                                                  {.max_new_tokens = decode_len,
                                                   .min_new_tokens = std::nullopt,
                                                   .repetition_penalty = std::nullopt,
                                                   .eos_token_ids = std::nullopt},
                                                  static_cast<std::int64_t>(prompt.size()));
  std::vector<std::int32_t> targets;
  {
    Progress progress("Reference tokens", decode_len);
    targets =
        reference::reference_tokens(checkpoint, prompt_ids, settings, cache, [&](std::int64_t, std::int64_t) {
          progress.advance();
        }).target_ids;
  }

  const std::int64_t most_positions = static_cast<std::int64_t>(prompt.size()) + decode_len - 1;
  reference::DecoderReference model(checkpoint, most_positions);
  Progress progress("Scoring", static_cast<std::int64_t>(targets.size()));
  std::vector<float> logits;
  if (path == PromptPath::kPrefill) {
    logits = model.forward(prompt).logits;
  } else {
    for (std::size_t i = 0; i < prompt.size(); ++i) {
      logits = model.forward(prompt.subspan(i, 1)).logits;
    }
  }
  std::int64_t top1 = 0;
  std::int64_t top5 = 0;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    if (i > 0) {
      logits = model.forward(std::span(targets).subspan(i - 1, 1)).logits;
    }
    const int place = place_of(targets[i], logits);
    top1 += place == 1 ? 1 : 0;
    top5 += place != 0 ? 1 : 0;
    progress.advance();
  }
  const auto total = static_cast<std::int64_t>(targets.size());
  const auto share = [&](std::int64_t hits) {
    return total > 0 ? static_cast<double>(hits) / static_cast<double>(total) : 0.0;
  };
  return {.top1 = share(top1), .top5 = share(top5), .total = total};
}

}  // namespace ttx::launch
