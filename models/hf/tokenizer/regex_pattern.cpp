// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/regex_pattern.hpp"

#include <array>
#include <optional>
#include <utility>

#include "models/hf/tokenizer/regex_reader.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr std::size_t kNothing = static_cast<std::size_t>(-1);
constexpr unsigned kMostRepeats = 65535;  // PCRE2's limit

struct Group {
  std::size_t first_item;
  RegexCase outer_case;
  bool is_assertion;
};

struct GroupStart {
  std::string_view text;
  std::string_view syntax;
  bool is_assertion;
};

// Longest first; a plain group needs no number, since references are refused.
constexpr std::array<GroupStart, 9> kGroupStarts = {{{"?<=", "(?<=", true},
                                                     {"?<!", "(?<!", true},
                                                     {"?-i:", "(?:", false},
                                                     {"?i:", "(?:", false},
                                                     {"?=", "(?=", true},
                                                     {"?!", "(?!", true},
                                                     {"?:", "(?:", false},
                                                     {"?>", "(?>", false},
                                                     {"", "(?:", false}}};

class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : cursor_(pattern) {}

  RegexPattern read() {
    while (!cursor_.at_end()) {
      read_one();
    }
    if (!groups_.empty()) {
      cursor_.refuse("a group that is not closed");
    }
    RegexPattern pattern;
    pattern.items = std::move(items_);
    pattern.sets = sets_.release();
    return pattern;
  }

 private:
  void read_one() {
    if (cursor_.take("\\")) {
      read_backslash();
    } else if (cursor_.take("[")) {
      add_character(read_regex_class(cursor_, sets_, case_));
      last_letter_ = 0;
    } else if (cursor_.take("(")) {
      open_group();
    } else if (cursor_.take(")")) {
      close_group();
    } else if (cursor_.take("|")) {
      add_syntax("|");
      last_letter_ = 0;
    } else if (cursor_.take(".")) {
      add_character({"", {sets_.range(U'\n', U'\n')}, true});
    } else if (cursor_.take("^")) {
      add_line_start();
    } else if (cursor_.take("$")) {
      add_line_end();
    } else if (!read_quantifier()) {
      add_literal(cursor_.next());
    }
  }

  void add_syntax(std::string text) {
    items_.push_back({std::move(text), {}, false});
    atom_ = kNothing;
  }

  void add_character(RegexItem item) {
    atom_ = items_.size();
    items_.push_back(std::move(item));
  }

  void add_literal(char32_t c) {
    RegexItem item;
    add_code_point(cursor_, sets_, case_, c, item.sets);
    if (case_ == RegexCase::kFolded) {
      check_folds_alone(c);
    }
    add_character(std::move(item));
  }

  /// Under (?i:..) some pairs of letters also match one character, as ss matches U+00DF (CaseFolding.txt,
  /// status F).
  void check_folds_alone(char32_t c) {
    const char32_t letter = c | 0x20;
    const bool joins = (last_letter_ == U's' && (letter == U's' || letter == U't')) ||
                       (last_letter_ == U'f' && (letter == U'f' || letter == U'i' || letter == U'l'));
    if (joins) {
      cursor_.refuse("letters under (?i:..) that one ligature matches too");
    }
    last_letter_ = letter;
  }

  void read_backslash() {
    if (cursor_.take("A")) {
      add_syntax("\\A");
      return;
    }
    if (cursor_.take("z")) {
      add_syntax("\\z");
      return;
    }
    const RegexEscape escape = read_regex_escape(cursor_, sets_);
    if (!escape.is_set()) {
      add_literal(escape.code_point);
      return;
    }
    if (case_ == RegexCase::kFolded) {
      cursor_.refuse("a set of characters under (?i:..)");
    }
    add_character({"", {escape.set}, escape.negated});
  }

  // A line starts at the start and behind each LF that is not the last character; it ends before each LF and
  // at the end. Spelled out because the engine sees symbols and knows no line ends.
  void add_line_start() {
    add_syntax("(?:\\A|(?<=");
    add_character({"", {sets_.range(U'\n', U'\n')}, false});
    add_syntax(")(?!\\z))");
  }

  void add_line_end() {
    add_syntax("(?=\\z|");
    add_character({"", {sets_.range(U'\n', U'\n')}, false});
    add_syntax(")");
  }

  void open_group() {
    for (const GroupStart& start : kGroupStarts) {
      if (!cursor_.take(start.text)) {
        continue;
      }
      if (start.text.empty() && (cursor_.peek() == U'?' || cursor_.peek() == U'*')) {
        cursor_.refuse("a kind of group");
      }
      groups_.push_back({items_.size(), case_, start.is_assertion});
      if (start.text == "?i:") {
        case_ = RegexCase::kFolded;
      } else if (start.text == "?-i:") {
        case_ = RegexCase::kExact;
      }
      add_syntax(std::string(start.syntax));
      return;
    }
  }

  void close_group() {
    if (groups_.empty()) {
      cursor_.refuse("a ) without its (");
    }
    const Group group = groups_.back();
    groups_.pop_back();
    add_syntax(")");
    case_ = group.outer_case;
    last_letter_ = 0;
    if (!group.is_assertion) {
      atom_ = group.first_item;
    }
  }

  std::optional<unsigned> read_number() {
    std::optional<unsigned> number;
    while (cursor_.peek() >= U'0' && cursor_.peek() <= U'9') {
      number = number.value_or(0) * 10 + static_cast<unsigned>(cursor_.next() - U'0');
      if (*number > kMostRepeats) {
        cursor_.refuse(fmt::format("more than {} repeats", kMostRepeats));
      }
    }
    return number;
  }

  bool read_quantifier() {
    if (cursor_.take("?")) {
      repeat("?");
    } else if (cursor_.take("*")) {
      repeat("*");
    } else if (cursor_.take("+")) {
      repeat("+");
    } else if (cursor_.take("{")) {
      read_interval();
    } else {
      return false;
    }
    return true;
  }

  void repeat(std::string text) {
    check_repeatable();
    if (cursor_.take("?")) {
      text += "?";
    } else if (cursor_.take("+")) {
      text += "+";
    }
    add_syntax(std::move(text));
  }

  void read_interval() {
    check_repeatable();
    const auto least = read_number();
    const bool has_comma = cursor_.take(",");
    const auto most = has_comma ? read_number() : least;
    if (!cursor_.take("}") || (!least && !most) || (least && most && *most < *least)) {
      cursor_.refuse("a { that is neither escaped nor a rising interval");
    }
    std::string interval = fmt::format("{{{}", least.value_or(0));
    if (has_comma) {
      interval += most ? fmt::format(",{}", *most) : ",";
    }
    interval += "}";
    if (cursor_.peek() == U'?') {
      if (!has_comma) {
        cursor_.refuse("a ? behind a fixed count");
      }
      cursor_.next();
      interval += "?";
    } else if (cursor_.take("+")) {
      items_.insert(items_.begin() + static_cast<std::ptrdiff_t>(atom_), {"(?:", {}, false});
      interval += ")+";
    }
    add_syntax(std::move(interval));
  }

  void check_repeatable() {
    if (atom_ == kNothing) {
      cursor_.refuse("a quantifier with nothing to repeat");
    }
  }

  RegexCursor cursor_;
  RegexSets sets_;
  std::vector<RegexItem> items_;
  std::vector<Group> groups_;
  RegexCase case_ = RegexCase::kExact;
  std::size_t atom_ = kNothing;  // the first item of what a quantifier would repeat
  char32_t last_letter_ = 0;     // of a run of literals under (?i:..), in lower case
};

}  // namespace

RegexPattern read_regex_pattern(std::string_view pattern) { return PatternReader(pattern).read(); }

RegexPattern literal_pattern(std::string_view text) {
  RegexPattern pattern;
  RegexSets sets;
  std::size_t at = 0;
  while (at < text.size()) {
    const char32_t c = next_code_point(text, at);
    pattern.items.push_back({"", {sets.range(c, c)}, false});
  }
  pattern.sets = sets.release();
  return pattern;
}

}  // namespace ttx::hf
