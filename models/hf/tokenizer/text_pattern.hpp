// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/regex.hpp"

namespace ttx::hf {

/// A "pattern" of a tokenizer file, {"String": ..} or {"Regex": ..}, as Split and Replace have it. Const use
/// from several threads is safe.
class TextPattern {
 public:
  /// Throws ttx::Error (kCheckpoint) for another form, and for a regex that cannot be read.
  explicit TextPattern(const JsonNode& pattern);

  /// The matches in `text` (well-formed UTF-8), left to right, none overlapping.
  std::vector<TextSpan> find_all(std::string_view text) const;
  /// `text` with each match replaced by `content`, which is taken literally.
  std::string replace_all(std::string_view text, std::string_view content) const;

 private:
  std::string literal_;  // empty where there is a regex
  std::optional<Regex> regex_;
};

}  // namespace ttx::hf
