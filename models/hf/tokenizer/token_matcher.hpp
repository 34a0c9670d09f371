// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/hf/tokenizer/regex.hpp"

namespace ttx::hf {

/// Finds fixed texts in a text: leftmost first, of those the longest, none overlapping.
class TokenMatcher {
 public:
  struct Pattern {
    std::string text;  // not empty
    std::int32_t id;
  };

  struct Match {
    TextSpan span;
    std::int32_t id;
  };

  TokenMatcher() = default;
  /// Throws ttx::Error (kCheckpoint) when two patterns have one text.
  explicit TokenMatcher(std::vector<Pattern> patterns);

  std::vector<Match> find_all(std::string_view text) const;

 private:
  /// The longest pattern at the start of `text`; nullptr when there is none.
  const Pattern* longest(std::string_view text) const;

  std::vector<Pattern> patterns_;  // ascending by text, so those with one beginning stand together
  std::array<std::size_t, 257>
      begin_of_byte_{};  // where the patterns that begin with a byte begin in patterns_
};

}  // namespace ttx::hf
