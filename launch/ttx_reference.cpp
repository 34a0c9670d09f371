// SPDX-License-Identifier: Apache-2.0
//
// ttx-reference: the built-in fp32 reference's tokens, logits and hidden states as a file, in the format that
// launch/make_reference.py writes with the transformers library.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include "launch/command_line.hpp"
#include "launch/eval_inputs.hpp"
#include "launch/failure.hpp"
#include "launch/yarn_factor.hpp"
#include "models/common/generate.hpp"
#include "models/hf/checkpoint.hpp"
#include "models/hf/hub_cache.hpp"
#include "models/reference/greedy.hpp"
#include "models/reference/reference_file.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"
#include "runtime/progress.hpp"

namespace {

using namespace ttx;
using namespace ttx::launch;

constexpr const char* kName = "ttx-reference";

struct Options {
  EvalOptions prompt;  // of it: model, the prompt flags, token counts, cache folder
  bool hidden_states = false;
  std::string output;
};

void declare(CLI::App& app, Options& o) {
  app.add_option("--model", o.prompt.model, "Hugging Face id (looked up in the hub cache) or folder")
      ->required();
  app.add_option("--prompt", o.prompt.prompt, "Prompt text")->capture_default_str();
  app.add_option("--prompt_file", o.prompt.prompt_file, "Text file whose whole content is the prompt");
  app.add_option("--prompt_ids_file", o.prompt.prompt_ids_file, "JSON list of token ids");
  app.add_option("--max_new_tokens", o.prompt.max_new_tokens, "Tokens to generate")->capture_default_str();
  app.add_option("--min_new_tokens", o.prompt.min_new_tokens, "No end of sequence before that many");
  app.add_option("--cache_dir", o.prompt.cache_dir, "Hub cache folder to look in");
  add_yarn_factor(app, o.prompt.yarn_factor);
  app.add_flag("--hidden_states", o.hidden_states, "Also every layer's hidden states");
  app.add_option("--output", o.output, "The safetensors file to write")->required();
}

void run(const Options& o) {
  check_token_counts(o.prompt);
  check_prompt_source(o.prompt);
  { const AtomicFile probe(o.output); }
  const auto checkpoint =
      hf::Checkpoint::open(hf::resolve_model(o.prompt.model, o.prompt.cache_dir), o.prompt.yarn_factor);
  const std::string yarn = yarn_text(checkpoint.config(), o.prompt.yarn_factor);
  if (!yarn.empty()) {
    log::info("{}", yarn);
  }
  const auto prompt = prompt_ids(o.prompt, checkpoint, [](std::string_view) {});
  check_prompt(prompt, checkpoint.config().vocab_size);
  const GreedySettings settings = greedy_settings(checkpoint.generation_config(),
                                                  {.max_new_tokens = o.prompt.max_new_tokens,
                                                   .min_new_tokens = o.prompt.min_new_tokens,
                                                   .repetition_penalty = std::nullopt,
                                                   .eos_token_ids = std::nullopt},
                                                  static_cast<std::int64_t>(prompt.size()));
  const auto positions = static_cast<std::int64_t>(prompt.size()) + settings.max_new_tokens;
  reference::DecoderReference model(checkpoint, positions);
  Progress progress("Reference tokens", settings.max_new_tokens);
  const auto keep = o.hidden_states ? reference::Keep::kLogitsAndHiddenStates : reference::Keep::kLogits;
  reference::GreedyResult result = reference::generate_reference(
      model, prompt, settings, keep, [&](std::int64_t, std::int64_t) { progress.advance(); });
  result.reference.metadata["model"] = o.prompt.model;
  if (!yarn.empty()) {
    result.reference.metadata["rope"] = yarn;
  }
  reference::write_reference(o.output, result.reference);
  fmt::print("Wrote {}: {} prompt tokens, {} reference tokens\n", o.output, prompt.size(),
             result.reference.target_ids.size());
}

}  // namespace

int main(int argc, char** argv) {
  return local_program(kName, [&] {
    CLI::App app("The built-in fp32 reference of a prompt as a file for ttx-eval --reference.", kName);
    Options options;
    declare(app, options);
    if (parse(app, argc, argv, Speak::kYes) == Parsed::kRun) {
      run(options);
    }
    return 0;
  });
}
