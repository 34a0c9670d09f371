// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/hf/tokenizer/added_tokens.hpp"
#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// The tokens that tokenizer_config.json names as special ones, as transformers 5 reads them.
struct SpecialTokens {
  /// Those with a role: bos, eos, unk, sep, pad, cls, mask, any other key that ends in "_token", and what a
  /// dictionary of additional or extra special tokens names. They are special whatever their flag elsewhere;
  /// those not added otherwise are added with these flags.
  std::vector<AddedToken> with_role;
  /// Those in a list of additional or extra special tokens. Where they are not yet, they are added with these
  /// flags; the flags of the others stay.
  std::vector<AddedToken> listed;
  /// Whether all of them are special and lose their other flags, which class Qwen2Tokenizer does.
  bool reset_flags = false;

  /// The texts of all roles by key, as a chat template sees them: {"bos_token", "<s>"}.
  std::map<std::string, std::string> named;
  std::optional<std::string> bos;
  std::optional<std::string> eos;
  std::optional<std::string> pad;
};

/// Reads them from the root of tokenizer_config.json. Throws ttx::Error (kCheckpoint) for a value of the
/// wrong type.
SpecialTokens read_special_tokens(const JsonNode& root, const std::filesystem::path& file);

}  // namespace ttx::hf
