// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/hf/tokenizer/added_tokens.hpp"

namespace ttx::hf {

/// What tokenizer_config.json says beyond tokenizer.json, as transformers reads it.
struct TokenizerConfig {
  std::optional<std::string> bos_token;
  std::optional<std::string> eos_token;
  std::optional<std::string> pad_token;

  /// added_tokens_decoder by ascending id; its flags win over those of tokenizer.json. A token that has a
  /// role is special whatever its flag.
  std::vector<std::pair<std::int64_t, AddedToken>> added_tokens;
  /// The tokens with a role (bos, eos, unk, sep, pad, cls, mask, additional and extra special tokens); those
  /// not added otherwise are added with these flags.
  std::vector<AddedToken> special_tokens;

  /// Set where the Llama family of tokenizer classes builds its own post-processor: only when the class is
  /// one of them and add_bos_token is there.
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
