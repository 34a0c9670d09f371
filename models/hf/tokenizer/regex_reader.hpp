// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/regex_pattern.hpp"

// What the parts of the pattern reader share; regex_pattern.hpp has the interface.
namespace ttx::hf {

/// A pattern's code points and a place among them.
class RegexCursor {
 public:
  explicit RegexCursor(std::string_view pattern);

  bool at_end() const { return at_ == text_.size(); }
  /// The code point `ahead` places on, 0 behind the end (a pattern that holds U+0000 is refused).
  char32_t peek(std::size_t ahead = 0) const;
  char32_t next();
  /// Moves behind `ascii` and returns true when the rest begins with it.
  bool take(std::string_view ascii);
  /// Throws ttx::Error (kCheckpoint) with the pattern, `what`, and how many characters were read by then.
  [[noreturn]] void refuse(std::string_view what) const;

 private:
  std::string pattern_;
  std::u32string text_;
  std::size_t at_ = 0;
};

/// The sets a pattern names, each once.
class RegexSets {
 public:
  std::size_t range(char32_t first, char32_t last);
  std::size_t white_space();
  /// Number of the general category's set; kUnknown when there is no such category.
  std::size_t category(const std::string& name);
  std::size_t complement(std::size_t set);
  std::vector<CodePointSet> release() { return std::move(sets_); }

  static constexpr std::size_t kUnknown = static_cast<std::size_t>(-1);

 private:
  template <typename Make>
  std::size_t number(const std::string& key, Make make);

  std::vector<CodePointSet> sets_;
  std::map<std::string, std::size_t> numbers_;
};

enum class RegexCase { kExact, kFolded };

/// What a backslash stands for: one code point, or a set (`set` is not RegexSets::kUnknown).
struct RegexEscape {
  char32_t code_point = 0;
  std::size_t set = RegexSets::kUnknown;
  bool negated = false;

  bool is_set() const { return set != RegexSets::kUnknown; }
};

/// Reads what follows a backslash. Anchors and references are refused: the caller has taken those it knows.
RegexEscape read_regex_escape(RegexCursor& cursor, RegexSets& sets);

/// Reads a class; the cursor stands behind its opening bracket.
RegexItem read_regex_class(RegexCursor& cursor, RegexSets& sets, RegexCase letter_case);

/// Appends the sets of all code points that `code_point` stands for.
void add_code_point(RegexCursor& cursor, RegexSets& sets, RegexCase letter_case, char32_t code_point,
                    std::vector<std::size_t>& out);

}  // namespace ttx::hf
