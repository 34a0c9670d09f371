// SPDX-License-Identifier: Apache-2.0
#include "models/eval/teacher_forcing.hpp"

#include <chrono>
#include <cstddef>
#include <cstring>

#include "models/eval/scores.hpp"
#include "runtime/error.hpp"
#include "runtime/sha256.hpp"

namespace ttx {

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

CausalLMOutputWithPast feed_prompt(CausalLM& model, std::span<const std::int32_t> prompt, PromptPath path) {
  if (path == PromptPath::kPrefill) {
    return model.forward(prompt, nullptr, LogitsToKeep{1});
  }
  CausalLMOutputWithPast out = model.forward(prompt.first(1));
  for (std::size_t i = 1; i < prompt.size(); ++i) {
    out = model.forward(prompt.subspan(i, 1), &out.past_key_values);
  }
  return out;
}

/// Scores the rows as they come; only where the logits are.
class Scorer {
 public:
  Scorer(std::span<const std::int32_t> targets, std::int64_t vocab, bool keep) : targets_(targets) {
    if (keep) {
      kept_ =
          HostTensor::zeros("logits", {static_cast<std::int64_t>(targets.size()), vocab}, DataType::FLOAT32);
    }
  }

  void add(const HostTensor& logits) {
    const auto bytes = logits.bytes();
    std::vector<float> row(bytes.size() / sizeof(float));
    std::memcpy(row.data(), bytes.data(), bytes.size());
    hash_.update(bytes);
    const int place = place_of(targets_[result_.places.size()], row);
    if (!kept_.empty()) {
      std::memcpy(kept_.mutable_bytes().data() + result_.places.size() * bytes.size(), bytes.data(),
                  bytes.size());
    }
    result_.places.push_back(place);
    result_.top1_hits += place == 1 ? 1 : 0;
    result_.top5_hits += place != 0 ? 1 : 0;
  }

  TeacherForcingResult finish() {
    result_.logits_sha256 = hash_.hex();
    result_.logits = kept_;
    return result_;
  }

 private:
  std::span<const std::int32_t> targets_;
  Sha256 hash_;
  HostTensor kept_;
  TeacherForcingResult result_;
};

}  // namespace

TeacherForcingResult teacher_forcing(CausalLM& model, std::span<const std::int32_t> prompt,
                                     std::span<const std::int32_t> targets, const TeacherForcing& how) {
  TTX_CHECK(!prompt.empty(), "eval", "empty prompt: got 0 tokens, expected at least 1");
  const auto total = static_cast<std::int64_t>(targets.size());
  if (total == 0) {
    return {};
  }
  Scorer scorer(targets, model.vocab_size(), how.keep_logits);
  const auto score = [&](const CausalLMOutputWithPast& out, std::int64_t done) {
    if (!out.logits.empty()) {
      scorer.add(out.logits);
      if (how.progress) {
        how.progress(done, total);
      }
    }
  };

  const auto prompt_start = Clock::now();
  CausalLMOutputWithPast out = feed_prompt(model, prompt, how.prompt_path);
  const double prompt_seconds = seconds_since(prompt_start);
  score(out, 1);

  double decode_seconds = 0;
  for (std::int64_t i = 1; i < total; ++i) {
    const auto step_start = Clock::now();
    out = model.forward(targets.subspan(static_cast<std::size_t>(i - 1), 1), &out.past_key_values);
    decode_seconds += seconds_since(step_start);
    score(out, i + 1);
  }

  TeacherForcingResult result = scorer.finish();
  result.total = total;
  result.prompt_seconds = prompt_seconds;
  result.decode_seconds = decode_seconds;
  result.decode_steps = total - 1;
  return result;
}

}  // namespace ttx
