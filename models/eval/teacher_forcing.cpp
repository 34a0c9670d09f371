// SPDX-License-Identifier: Apache-2.0
#include "models/eval/teacher_forcing.hpp"

#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "models/eval/correlation.hpp"
#include "models/eval/scores.hpp"
#include "runtime/clock.hpp"
#include "runtime/error.hpp"
#include "runtime/sha256.hpp"

namespace ttx {

namespace {

using Clock = std::chrono::steady_clock;

/// Calls the model and says so.
class Caller {
 public:
  Caller(CausalLM& model, const std::function<void()>& after_call) : model_(model), after_call_(after_call) {}

  CausalLMOutputWithPast operator()(std::span<const std::int32_t> ids, const PastKeyValues* past) {
    CausalLMOutputWithPast out = model_.forward(ids, past, LogitsToKeep{1});
    if (after_call_) {
      after_call_();
    }
    return out;
  }

 private:
  CausalLM& model_;
  const std::function<void()>& after_call_;
};

CausalLMOutputWithPast feed_prompt(Caller& call, std::span<const std::int32_t> prompt, PromptPath path) {
  if (path == PromptPath::kPrefill) {
    return call(prompt, nullptr);
  }
  CausalLMOutputWithPast out = call(prompt.first(1), nullptr);
  for (std::size_t i = 1; i < prompt.size(); ++i) {
    out = call(prompt.subspan(i, 1), &out.past_key_values);
  }
  return out;
}

/// Scores the rows as they come; only where the logits are.
class Scorer {
 public:
  Scorer(std::span<const std::int32_t> targets, std::int64_t vocab, const TeacherForcing& how)
      : targets_(targets), reference_(how.reference_logits) {
    const auto count = static_cast<std::int64_t>(targets.size());
    TTX_CHECK(
        reference_.empty() || (reference_.dtype() == DataType::FLOAT32 && reference_.shape().rank() == 2 &&
                               reference_.shape()[0] >= count && reference_.shape()[1] == vocab),
        "eval", "reference logits: got {} {}, expected FLOAT32 and at least [{}, {}]",
        to_string(reference_.dtype()), reference_.shape().to_string(), count, vocab);
    if (how.keep_logits) {
      kept_ = HostTensor::zeros("logits", {count, vocab}, DataType::FLOAT32);
    }
  }

  void add(const HostTensor& logits) {
    const auto bytes = logits.bytes();
    std::vector<float> row(bytes.size() / sizeof(float));
    std::memcpy(row.data(), bytes.data(), bytes.size());
    hash_.update(bytes);
    for (std::size_t i = 0; i < row.size(); ++i) {
      TTX_CHECK(!std::isnan(row[i]), "eval",
                "logit {} at scored token {} is NaN; the weights or an op are broken", i,
                result_.places.size());
    }
    if (!reference_.empty()) {
      const auto at = static_cast<std::int64_t>(result_.places.size());
      correlation_.add(row, reference_.rows(at, at + 1).to_floats());
    }
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
    result_.logits_pcc = correlation_.pearson();
    return result_;
  }

 private:
  std::span<const std::int32_t> targets_;
  HostTensor reference_;
  Correlation correlation_;
  Sha256 hash_;
  HostTensor kept_;
  TeacherForcingResult result_;
};

}  // namespace

std::int64_t model_calls(std::size_t prompt, std::size_t targets, PromptPath path) {
  if (targets == 0) {
    return 0;
  }
  return static_cast<std::int64_t>((path == PromptPath::kPrefill ? 1 : prompt) + targets - 1);
}

TeacherForcingResult teacher_forcing(CausalLM& model, std::span<const std::int32_t> prompt,
                                     std::span<const std::int32_t> targets, const TeacherForcing& how) {
  TTX_CHECK(!prompt.empty(), "eval", "empty prompt: got 0 tokens, expected at least 1");
  const auto total = static_cast<std::int64_t>(targets.size());
  if (total == 0) {
    return {};
  }
  Scorer scorer(targets, model.vocab_size(), how);
  Caller call(model, how.after_call);
  const auto score = [&](const CausalLMOutputWithPast& out) {
    if (!out.logits.empty()) {
      scorer.add(out.logits);
    }
  };

  const auto prompt_start = Clock::now();
  CausalLMOutputWithPast out = feed_prompt(call, prompt, how.prompt_path);
  const double prompt_seconds = seconds_since(prompt_start);
  score(out);

  double decode_seconds = 0;
  for (std::size_t i = 1; i < targets.size(); ++i) {
    const auto step_start = Clock::now();
    out = call(targets.subspan(i - 1, 1), &out.past_key_values);
    decode_seconds += seconds_since(step_start);
    score(out);
  }

  TeacherForcingResult result = scorer.finish();
  result.total = total;
  result.prompt_seconds = prompt_seconds;
  result.decode_seconds = decode_seconds;
  result.decode_steps = total - 1;
  return result;
}

}  // namespace ttx
