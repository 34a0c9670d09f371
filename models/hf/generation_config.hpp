// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::hf {

/// What generate(do_sample=False) of transformers takes from generation_config.json; a folder without that
/// file has the same keys in config.json. Sampling fields (do_sample, temperature, top_k, top_p, ...) do
/// nothing in greedy mode.
struct GenerationConfig {
  std::vector<std::int32_t> eos_token_ids;  ///< generation stops on any of them; empty: on none
  std::optional<std::int32_t> bos_token_id;
  std::optional<std::int32_t> pad_token_id;
  double repetition_penalty = 1.0;
  std::optional<std::int64_t> max_new_tokens;
  std::optional<std::int64_t> max_length;
  std::optional<std::int64_t> min_new_tokens;
  std::optional<std::int64_t> min_length;

  /// Fields that change greedy output, are active in this file, and that ttx does not do:
  /// "no_repeat_ngram_size: 3", ... Fields with their inactive value are not listed. min_length is, unless
  /// min_new_tokens overrides it.
  std::vector<std::string> unsupported_in_greedy;

  /// Throws Error (kCheckpoint) naming file, key, value and what was expected.
  static GenerationConfig parse(std::string_view text, const std::string& file);
  /// generation_config.json of the folder, config.json when there is none.
  static GenerationConfig read(const std::filesystem::path& folder);
};

}  // namespace ttx::hf
