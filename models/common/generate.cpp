// SPDX-License-Identifier: Apache-2.0
#include "models/common/generate.hpp"

#include <fmt/format.h>

#include "ccl/agreement.hpp"
#include "ccl/mesh_device.hpp"
#include "models/hf/generation_config.hpp"
#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr std::int64_t kDefaultMaxLength = 20;  // of transformers, prompt included

std::int64_t max_new_tokens(const hf::GenerationConfig& config, const GenerateOptions& options,
                            std::int64_t prompt_length) {
  if (options.max_new_tokens) {
    return *options.max_new_tokens;
  }
  if (config.max_new_tokens) {
    return *config.max_new_tokens;
  }
  const std::int64_t max_length = config.max_length.value_or(kDefaultMaxLength);
  TTX_CHECK_AS(prompt_length < max_length, ExitCode::kLength, "generate",
               "no room for new tokens: got a prompt of {} tokens, expected fewer than max_length {}; give "
               "max_new_tokens",
               prompt_length, max_length);
  return max_length - prompt_length;
}

/// Device 0's choice, on every device. Also device 0's failure, should choosing throw.
std::int32_t choose(CausalLM& model, const HostTensor& logits, std::span<const std::int32_t> sequence,
                    std::int64_t new_tokens, const GreedySettings& settings) {
  const ccl::Communicator& line = model.mesh().line();
  std::int32_t token = 0;
  ccl::on_root(line, [&] {
    token = choose_greedy(logits.floats().last(static_cast<std::size_t>(model.vocab_size())), sequence,
                          new_tokens, settings);
  });
  line.broadcast(std::as_writable_bytes(std::span(&token, 1)), 0);
  return token;
}

}  // namespace

Streamer::~Streamer() = default;

GreedySettings greedy_settings(const hf::GenerationConfig& config, const GenerateOptions& options,
                               std::int64_t prompt_length) {
  TTX_CHECK_AS(
      config.unsupported_in_greedy.empty(), ExitCode::kUsage, "generate",
      "generation_config.json asks for what ttx does not do in greedy mode: {}; remove it from the file",
      fmt::join(config.unsupported_in_greedy, ", "));
  GreedySettings settings{
      .max_new_tokens = max_new_tokens(config, options, prompt_length),
      .min_new_tokens = options.min_new_tokens.value_or(config.min_new_tokens.value_or(0)),
      .eos_token_ids = options.eos_token_ids.value_or(config.eos_token_ids),
      .repetition_penalty =
          options.repetition_penalty.value_or(static_cast<float>(config.repetition_penalty)),
  };
  check(settings);
  return settings;
}

std::vector<std::int32_t> generate(CausalLM& model, const hf::GenerationConfig& config,
                                   std::span<const std::int32_t> prompt, const GenerateOptions& options) {
  TTX_CHECK_AS(!prompt.empty(), ExitCode::kLength, "generate",
               "empty prompt: got 0 tokens, expected at least 1");
  const auto prompt_length = static_cast<std::int64_t>(prompt.size());
  const GreedySettings settings = greedy_settings(config, options, prompt_length);
  Streamer* const streamer = model.mesh().line_index() == 0 ? options.streamer : nullptr;
  if (streamer != nullptr) {
    streamer->put(prompt);
  }
  std::vector<std::int32_t> sequence(prompt.begin(), prompt.end());
  CausalLMOutputWithPast out = model.forward(prompt, nullptr, LogitsToKeep{1});
  for (std::int64_t made = 0;;) {
    const std::int32_t token = choose(model, out.logits, sequence, made, settings);
    sequence.push_back(token);
    ++made;
    if (streamer != nullptr) {
      streamer->put(std::span(&token, 1));
    }
    if (is_last(token, made, settings)) {
      break;
    }
    out = model.forward(std::span(&token, 1), &out.past_key_values);
  }
  if (streamer != nullptr) {
    streamer->end();
  }
  return {sequence.begin() + static_cast<std::ptrdiff_t>(prompt_length), sequence.end()};
}

}  // namespace ttx
