// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/code_point_set.hpp"
#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/normalizer.hpp"
#include "models/hf/tokenizer/token_matcher.hpp"
#include "models/hf/tokenizer/vocabulary.hpp"

namespace ttx::hf {

/// A token that is found in the text before the model sees it.
struct AddedToken {
  std::string content;
  bool single_word = false;  ///< only where no word character touches it
  bool lstrip = false;       ///< takes the white space before it
  bool rstrip = false;       ///< takes the white space behind it
  bool normalized = false;   ///< found in the normalized text, by its own normalized content
  bool special = false;      ///< left out when decoding skips special tokens
};

/// Reads content and flags. Throws ttx::Error (kCheckpoint) when one is missing or of the wrong type.
AddedToken read_added_token(const JsonNode& node);

/// The added tokens of a tokenizer and their search (tokenizers library, added_vocabulary.rs).
class AddedTokens {
 public:
  /// A stretch of a text: an added token, or text between added tokens.
  struct Segment {
    TextSpan span;
    std::optional<std::int32_t> id;
  };

  /// Adds a token, or replaces the flags of the one with this content; one without content is ignored. A
  /// token that the vocabulary has keeps its id there, any other gets the next free one. Throws ttx::Error
  /// (kCheckpoint) when that is not `expected_id`, the id that the file states.
  void add(const AddedToken& token, const Vocabulary& vocabulary, std::optional<std::int64_t> expected_id);
  /// Flags the added token `content` special, and leaves its other flags.
  void make_special(const std::string& content) { special_.insert(content); }
  /// Prepares the search; to be called after the last add().
  void prepare(const Normalizer& normalizer);

  bool has(std::string_view content) const { return ids_.contains(content); }
  std::optional<std::int32_t> id(std::string_view content) const;
  /// The text that an id stands for when decoding; nullptr when it is no added token's.
  const std::string* text(std::int32_t id) const;
  bool is_special(std::string_view text) const { return special_.contains(text); }
  /// Number of tokens that the vocabulary does not have.
  std::int64_t beyond_vocabulary() const { return beyond_vocabulary_; }

  /// Cuts a text that is not normalized yet at the tokens with `normalized` false. No segment is empty.
  std::vector<Segment> cut_raw(std::string_view text) const { return cut(text, raw_); }
  /// Cuts a normalized text at the other tokens.
  std::vector<Segment> cut_normalized(std::string_view text) const { return cut(text, normalized_); }

 private:
  struct Entry {
    AddedToken token;
    std::string text;  // normalized content where that is what is searched for, else the content
  };

  std::vector<Segment> cut(std::string_view text, const TokenMatcher& matcher) const;
  bool stands_alone(std::string_view text, TextSpan span) const;

  std::map<std::string, std::int32_t, std::less<>> ids_;
  std::map<std::int32_t, Entry> entries_;
  std::set<std::string, std::less<>> special_;  // contents; a token once special stays so
  std::int64_t beyond_vocabulary_ = 0;
  TokenMatcher raw_;
  TokenMatcher normalized_;
  CodePointSet white_space_ = white_space();
  CodePointSet word_;  // filled when a token needs it
};

}  // namespace ttx::hf
