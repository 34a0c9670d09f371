// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "launch/synth_sizes.hpp"
#include "launch/synth_tensors.hpp"
#include "launch/synth_tokenizer.hpp"

namespace ttx::launch {

/// All that a synthetic checkpoint is made from, apart from the numbers.
// NOLINTNEXTLINE(bugprone-exception-escape): moving a JSON value does not throw, though the check thinks so
struct SynthModel {
  nlohmann::ordered_json config;
  nlohmann::ordered_json generation_config;
  SynthSizes sizes;
  SynthTokenizerPlan tokenizer;
  TiedHead tied_head = TiedHead::kLeftOut;

  /// The ids that --model takes, in alphabetical order.
  static std::vector<std::string> names();

  /// A model by its Hugging Face id, in its published shape, or `tiny`: the same structure with few layers
  /// and small sizes. The descriptions are JSON files in synth_models, one per model:
  ///
  ///     model              the id
  ///     config             config.json
  ///     generation_config  generation_config.json; without it one with the config's token ids is made
  ///     stored_head        true: lm_head.weight is in the file although it is tied
  ///     tokenizer          form (qwen, llama3, mistral, llama2, gemma), tokens, added, bos, eos, pad,
  ///     adds_bos. An entry of `added` is
  ///                        the first of consecutive ids, below 0 counted from the end, and their texts: a
  ///                        list, or a text in which {} counts upwards `from` for `count` tokens
  ///     tiny               a merge patch (RFC 7396) on all of that
  ///
  /// Throws Error: kUsage with the known names for another one, kCheckpoint for a damaged description.
  static SynthModel named(const std::string& id, bool tiny);

  /// Any config.json of a known family; its special tokens become those of SynthTokenizerPlan::of_size.
  static SynthModel from_config(const std::string& file);

  /// Stores the weights as `dtype` (bfloat16, float16, float32), and says so in the config.
  void set_dtype(const std::string& dtype);
};

}  // namespace ttx::launch
