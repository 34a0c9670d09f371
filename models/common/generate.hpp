// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "models/common/causal_lm.hpp"
#include "models/common/logits_processors.hpp"

namespace ttx::hf {
struct GenerationConfig;
}

namespace ttx {

/// Receives the ids as generate makes them, on device 0: first the prompt's, then one at a time, then the
/// end.
class Streamer {
 public:
  virtual ~Streamer();
  virtual void put(std::span<const std::int32_t> ids) = 0;
  virtual void end() = 0;
};

/// What a caller sets beside the checkpoint's generation_config.json; what is not set is taken from there.
struct GenerateOptions {
  std::optional<std::int64_t> max_new_tokens;
  std::optional<std::int64_t> min_new_tokens;
  std::optional<float> repetition_penalty;
  std::optional<std::vector<std::int32_t>> eos_token_ids;
  Streamer* streamer = nullptr;
};

/// Greedy settings of a checkpoint as Hugging Face's generate(do_sample=False) reads them: the caller's
/// values, then generation_config's, then the library's defaults (20 new tokens). Throws Error(kUsage),
/// naming the field, when generation_config has a field that changes greedy output and that ttx does not do.
GreedySettings greedy_settings(const hf::GenerationConfig& config, const GenerateOptions& options,
                               std::int64_t prompt_length);

/// Hugging Face's greedy generate() for one sequence: prefill, then per step the last row of logits, the
/// processors, the largest (lowest index on ties), until the length or an end-of-sequence token, which is
/// part of the result. Device 0 chooses, all get the choice. Returns the new ids, on every device. Collective
/// over the model's mesh.
std::vector<std::int32_t> generate(CausalLM& model, const hf::GenerationConfig& config,
                                   std::span<const std::int32_t> prompt, const GenerateOptions& options = {});

}  // namespace ttx
