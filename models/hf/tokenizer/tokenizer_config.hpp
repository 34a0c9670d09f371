// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "models/hf/tokenizer/added_tokens.hpp"
#include "models/hf/tokenizer/special_tokens.hpp"

namespace ttx::hf {

/// What tokenizer_config.json says beyond tokenizer.json, as transformers 5 reads it.
struct TokenizerConfig {
  SpecialTokens special;
  /// added_tokens_decoder by ascending id; its flags win over those of tokenizer.json.
  std::vector<std::pair<std::int64_t, AddedToken>> added_tokens;

  /// What the Llama family of tokenizer classes puts around a text; not set for other classes. In
  /// transformers 4 these classes build the post-processor anew from add_bos_token (default true) and
  /// add_eos_token (default false); transformers 5 keeps that of tokenizer.json. Published files say the same
  /// in both places, but for the first release of Phi-3.
  struct Ends {
    bool add_bos;
    bool add_eos;
  };
  std::optional<Ends> ends;
};

/// Throws ttx::Error (kCheckpoint) when the file is damaged, when split_special_tokens is on (not supported),
/// or when add_bos_token or add_eos_token is on and that token is not named. A missing file is no error:
/// nothing is set.
TokenizerConfig read_tokenizer_config(const std::filesystem::path& file);

}  // namespace ttx::hf
