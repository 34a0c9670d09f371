// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/pre_tokenizer.hpp"

namespace ttx::hf {

/// SentencePiece's way with spaces: each becomes a visible character, and a word begins with it.
struct Metaspace {
  /// Where the character is put in front of a piece that does not begin with it: of every piece, of the one
  /// that begins the text, of none.
  enum class Prepend : std::uint8_t { kAlways, kFirst, kNever };

  std::string replacement;  ///< one character, "\u2581" in all known files
  Prepend prepend = Prepend::kAlways;
  bool split = true;  ///< whether pieces are cut before the character
};

/// Reads a part of type Metaspace, pre-tokenizer or decoder. In files from before prepend_scheme,
/// add_prefix_space false means never; "str_rep" is not used. Throws ttx::Error (kCheckpoint) when a value is
/// wrong, or when the two disagree.
Metaspace read_metaspace(const JsonNode& part);

class MetaspacePreTokenizer final : public PreTokenizer {
 public:
  explicit MetaspacePreTokenizer(Metaspace metaspace) : metaspace_(std::move(metaspace)) {}
  void apply(std::vector<Piece>& pieces) const override;

 private:
  Metaspace metaspace_;
};

/// Characters back to spaces, in the tokens of one text; those of the first token are dropped unless nothing
/// was put in front.
void decode_metaspace(const Metaspace& metaspace, std::vector<std::string>& tokens);

}  // namespace ttx::hf
