// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "launch/synth_tokenizer.hpp"

namespace ttx::launch {

/// Normalizer, pre-tokenizer, post-processor and decoder of a tokenizer file, as in published files of the
/// plan's form.
nlohmann::ordered_json synth_tokenizer_parts(const SynthTokenizerPlan& plan);

/// The model part without vocabulary and merges.
nlohmann::ordered_json synth_model_flags(const SynthTokenizerPlan& plan);

/// tokenizer_config.json.
nlohmann::ordered_json synth_tokenizer_config(const SynthTokenizerPlan& plan);

}  // namespace ttx::launch
