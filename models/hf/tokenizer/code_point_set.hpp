// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string_view>
#include <vector>

namespace ttx::hf {

/// First and last code point, both in the range.
struct CodePointRange {
  char32_t first;
  char32_t last;
};

constexpr char32_t kLastCodePoint = 0x10FFFF;

/// A set of code points as ascending ranges that do not touch.
class CodePointSet {
 public:
  CodePointSet() = default;
  explicit CodePointSet(std::vector<CodePointRange> ranges);
  CodePointSet(std::initializer_list<CodePointRange> ranges)
      : CodePointSet(std::vector<CodePointRange>(ranges)) {}

  const std::vector<CodePointRange>& ranges() const { return ranges_; }
  bool contains(char32_t code_point) const;

 private:
  std::vector<CodePointRange> ranges_;
};

/// The properties below are those of Unicode 16.0, which is what the engines inside the tokenizers library
/// (0.23: Oniguruma 6.9.10 and Rust's regex crate) know, whatever the installed ICU's version is.

/// A general category by its short name, "L" or "Lu"; nothing when there is no such category.
/// Throws ttx::Error when the installed ICU is older than Unicode 15.0.
std::optional<CodePointSet> general_category(std::string_view name);

/// White_Space: 25 code points; U+200B and U+FEFF are not among them.
CodePointSet white_space();

/// What Rust's regex crate calls \w: Alphabetic, categories M, Nd and Pc, Join_Control (UTS 18, annex C).
CodePointSet word_characters();

/// What Rust's char::is_numeric holds for: categories Nd, Nl, No; of Unicode 17.0, the one exception.
CodePointSet numeric_characters();

}  // namespace ttx::hf
