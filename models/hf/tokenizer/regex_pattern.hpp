// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/code_point_set.hpp"

namespace ttx::hf {

/// One step of a translated pattern: syntax that both engines read alike, or one character out of a union of
/// sets.
struct RegexItem {
  std::string syntax;             ///< PCRE2 text; empty for a character
  std::vector<std::size_t> sets;  ///< for a character: indices into RegexPattern::sets, their union
  bool negated = false;           ///< for a character: one that is in none of the sets
};

/// A regex of a tokenizer file, taken apart into syntax and sets of code points.
struct RegexPattern {
  std::vector<CodePointSet> sets;
  std::vector<RegexItem> items;
};

/// Reads a pattern as Oniguruma does with Ruby syntax (https://github.com/kkos/oniguruma, doc/RE), which is
/// how the tokenizers library reads it: literals; classes with ranges and negation; \s \d \p{..} \P{..}
/// \p{^..} \S \D with general categories; \t \n \v \f \r \a \e \xHH \x{H..} \uHHHH; the dot (all but LF);
/// groups (..), (?:..), (?>..), (?i:..), (?-i:..), look-ahead and look-behind; | ; ? * + and {n,m} with their
/// lazy forms, possessive ?+ *+ ++; ^ and $ at lines, \A and \z. {n,m}+ repeats an interval (it is not
/// possessive), {,m} counts from 0. A letter under (?i:..) also matches the other case, s also U+017F, k also
/// U+212A. Everything else throws ttx::Error (kCheckpoint) that names the construct and its place: it might
/// mean something else to the two engines, and a wrong piece is worse than a refusal.
RegexPattern read_regex_pattern(std::string_view pattern);

/// The pattern that matches exactly `text`.
RegexPattern literal_pattern(std::string_view text);

}  // namespace ttx::hf
