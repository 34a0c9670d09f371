// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/post_processor.hpp"

namespace ttx::hf {

/// Whether decode leaves out tokens flagged special, such as <|im_end|>.
enum class SkipSpecialTokens { kNo, kYes };

/// A BPE tokenizer of the Hugging Face kind, byte-level or of SentencePiece's form. Ids and texts are those
/// of the tokenizers library (0.23) for the same files. Const use from several threads is safe.
class Tokenizer {
 public:
  /// Reads tokenizer.json in `folder`, and tokenizer_config.json where there is one: the names of bos, eos
  /// and pad; the flags in added_tokens_decoder, which win; for the Llama family of classes add_bos_token and
  /// add_eos_token, which replace the post-processor (as in transformers 4; in transformers 5 tokenizer.json
  /// alone decides about it, and LlamaTokenizer replaces a Prepend normalizer by a Metaspace pre-tokenizer,
  /// which changes the ids of texts that begin with a space: both not done here).
  /// "truncation" and "padding" in tokenizer.json are not used: with transformers they belong to the call,
  /// which by default does neither. Throws ttx::Error (kCheckpoint) when a file is missing or damaged, or
  /// holds a part that is not supported; the message names the part and its place.
  static Tokenizer load(const std::filesystem::path& folder);

  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// The ids of a text. Throws ttx::Error when it is not well-formed UTF-8 (the message has the byte) or
  /// larger than 1 GiB.
  std::vector<std::int32_t> encode(std::string_view utf8, AddSpecialTokens add) const;

  /// The text of ids; an id without a token adds nothing (models have more rows than tokens). Bytes that form
  /// no character yet, as when a character's last token is still to come, become U+FFFD. Spaces before
  /// punctuation stay whatever clean_up_tokenization_spaces says, as in transformers 5 for BPE.
  std::string decode(std::span<const std::int32_t> ids, SkipSpecialTokens skip) const;

  /// The ids that encode puts in front of any text when it adds special tokens.
  std::vector<std::int32_t> special_prefix() const;
  /// How many ids encode adds to any text, in front and behind.
  std::int64_t num_special_tokens() const;
  /// What the Python method of this name gives (transformers 4): `ids` with bos and eos around them for the
  /// Llama family of classes, and nothing but `ids` for the others, whatever their post-processor adds.
  std::vector<std::int32_t> build_inputs_with_special_tokens(std::span<const std::int32_t> ids) const;

  /// Number of tokens, with added ones.
  std::int64_t vocab_size() const;
  std::optional<std::int32_t> token_to_id(std::string_view token) const;
  /// The token as the vocabulary spells it: in the byte alphabet, or an added token's text.
  std::optional<std::string> id_to_token(std::int32_t id) const;

  /// From tokenizer_config.json; nothing when it does not name the token.
  std::optional<std::int32_t> bos_id() const;
  std::optional<std::int32_t> eos_id() const;
  std::optional<std::int32_t> pad_id() const;

 private:
  struct Parts;
  explicit Tokenizer(std::unique_ptr<const Parts> parts);

  std::unique_ptr<const Parts> parts_;
};

}  // namespace ttx::hf
