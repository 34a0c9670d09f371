// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/token.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <system_error>

#include "models/hf/chat_template/code_points.hpp"
#include "models/hf/chat_template/string_literal.hpp"
#include "runtime/error.hpp"

namespace ttx::hf::jinja {
namespace {

bool is_letter(char c) {
  // Letters beyond ASCII may stand in names too; the parser meets names it does not know as undefined.
  return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_blank(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

std::string with_line_feeds(std::string_view source) {
  std::string text;
  for (std::size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r') {
      text += '\n';
      i += i + 1 < source.size() && source[i + 1] == '\n' ? 1U : 0U;
    } else {
      text += source[i];
    }
  }
  if (text.ends_with('\n')) {
    text.pop_back();
  }
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string source) : source_(std::move(source)) {}

  std::vector<Token> read() {
    while (at_ < source_.size()) {
      read_data();
    }
    add(Token::Kind::kEnd, "");
    return std::move(tokens_);
  }

 private:
  using Kind = Token::Kind;

  bool starts(std::string_view what) const { return source_.compare(at_, what.size(), what) == 0; }

  void advance(std::size_t count) {
    const auto begin = source_.begin() + static_cast<std::ptrdiff_t>(at_);
    line_ += static_cast<std::size_t>(std::count(begin, begin + static_cast<std::ptrdiff_t>(count), '\n'));
    at_ += count;
  }

  void add(Kind kind, std::string text, Value value = {}) {
    tokens_.push_back({kind, std::move(text), line_, std::move(value)});
  }

  /// Text up to the next tag, and the tag.
  void read_data() {
    std::size_t tag = source_.find('{', at_);
    while (
        tag != std::string::npos &&
        (tag + 1 == source_.size() || std::string_view("{%#").find(source_[tag + 1]) == std::string::npos)) {
      tag = source_.find('{', tag + 1);
    }
    std::string text = source_.substr(at_, tag - at_);
    if (tag == std::string::npos) {
      add(Kind::kData, std::move(text));
      advance(source_.size() - at_);
      return;
    }
    const char kind = source_[tag + 1];
    const char sign = tag + 2 < source_.size() ? source_[tag + 2] : ' ';
    if (sign == '-') {
      while (!text.empty() && is_blank(text.back())) {
        text.pop_back();
      }
    } else if (sign != '+' && kind != '{') {
      strip_line(text);
    }
    if (!text.empty()) {
      add(Kind::kData, std::move(text));
    }
    advance(tag - at_ + (sign == '-' || sign == '+' ? 3 : 2));
    if (kind == '#') {
      read_comment();
    } else {
      read_tag(kind == '{');
    }
  }

  /// Takes away white space behind the last line end, or behind the beginning of a line.
  void strip_line(std::string& text) const {
    const std::size_t line_end = text.rfind('\n');
    if (line_end == std::string::npos && !line_begins_) {
      return;
    }
    const std::size_t begin = line_end == std::string::npos ? 0 : line_end + 1;
    if (std::all_of(text.begin() + static_cast<std::ptrdiff_t>(begin), text.end(), is_blank)) {
      text.resize(begin);
    }
  }

  /// The end of a tag whose two characters are `mark`, maybe with a sign before; what it takes behind it.
  void end_tag(std::string_view mark, bool trims) {
    const char sign = source_[at_];
    advance(sign == '-' || sign == '+' ? mark.size() + 1 : mark.size());
    line_begins_ = false;
    if (sign == '-') {
      while (at_ < source_.size() && is_blank(source_[at_])) {
        line_begins_ = source_[at_] == '\n';
        advance(1);
      }
    } else if (trims && sign != '+' && starts("\n")) {
      advance(1);
      line_begins_ = true;
    }
  }

  bool at_end_of_tag(std::string_view mark) const {
    return starts(mark) ||
           ((source_[at_] == '-' || source_[at_] == '+') && source_.compare(at_ + 1, mark.size(), mark) == 0);
  }

  void read_comment() {
    const std::size_t opened = line_;
    while (at_ < source_.size() && !at_end_of_tag("#}")) {
      advance(1);
    }
    if (at_ == source_.size()) {
      refuse_template(opened, "a comment has no end: got none, expected #}");
    }
    end_tag("#}", true);
  }

  void read_tag(bool output) {
    const std::string_view mark = output ? "}}" : "%}";
    const std::size_t opened = line_;
    std::size_t depth = 0;  // of brackets: the braces of a dictionary do not end a tag
    add(output ? Kind::kOutputBegin : Kind::kBlockBegin, "");
    while (true) {
      while (at_ < source_.size() && is_blank(source_[at_])) {
        advance(1);
      }
      if (at_ == source_.size()) {
        refuse_template(opened, fmt::format("a tag has no end: got none, expected {}", mark));
      }
      if (depth == 0 && at_end_of_tag(mark)) {
        add(output ? Kind::kOutputEnd : Kind::kBlockEnd, "");
        end_tag(mark, !output);
        return;
      }
      read_word(depth);
    }
  }

  void read_word(std::size_t& depth) {
    const char c = source_[at_];
    if (is_letter(c)) {
      std::size_t end = at_;
      while (end < source_.size() && (is_letter(source_[end]) || is_digit(source_[end]))) {
        ++end;
      }
      add(Kind::kName, source_.substr(at_, end - at_));
      advance(end - at_);
    } else if (is_digit(c)) {
      read_number();
    } else if (c == '\'' || c == '"') {
      const auto [text, size] = read_string_literal(std::string_view(source_).substr(at_), line_);
      add(Kind::kString, text);
      advance(size);
    } else {
      read_operator(depth);
    }
  }

  void read_number() {
    const char* begin = source_.data() + at_;
    const char* end = source_.data() + source_.size();
    const char* stop = begin;
    while (stop != end && (is_digit(*stop) || *stop == '_')) {
      ++stop;
    }
    const bool fraction = stop != end && *stop == '.' && stop + 1 != end && is_digit(stop[1]);
    const char* power = fraction ? stop + 1 : stop;
    while (power != end && is_digit(*power)) {
      ++power;
    }
    const bool exponent = power != end && (*power == 'e' || *power == 'E');
    std::from_chars_result read{};
    if (fraction || exponent) {
      double number = 0;
      read = std::from_chars(begin, end, number);
      add(Kind::kNumber, "", number);
    } else {
      std::string digits(begin, stop);
      std::erase(digits, '_');  // 1_000
      std::int64_t number = 0;
      read = std::from_chars(digits.data(), digits.data() + digits.size(), number);
      read.ptr = stop;
      add(Kind::kNumber, "", number);
    }
    if (read.ec != std::errc()) {
      refuse_template(line_, fmt::format("a number cannot be read: got {}", std::string(begin, stop)));
    }
    advance(static_cast<std::size_t>(read.ptr - begin));
  }

  void read_operator(std::size_t& depth) {
    constexpr std::array<std::string_view, 27> kOperators = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]",
        "(",  ")",  "{",  "}",  ">",  "<",  "=", ".", ":", "|", ",", ";", "!"};
    const auto* const found =
        std::find_if(kOperators.begin(), kOperators.end(), [this](auto text) { return starts(text); });
    if (found == kOperators.end()) {
      refuse_template(line_, fmt::format("a character has no meaning here: got '{}'", source_[at_]));
    }
    const char c = found->size() == 1 ? found->front() : ' ';
    if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if ((c == ')' || c == ']' || c == '}') && depth-- == 0) {
      refuse_template(line_, fmt::format("a bracket closes nothing: got {}", c));
    }
    add(Kind::kOperator, std::string(*found));
    advance(found->size());
  }

  std::string source_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  bool line_begins_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> read_tokens(std::string_view source) { return Lexer(with_line_feeds(source)).read(); }

void refuse_template(std::size_t line, std::string_view what) {
  TTX_FAIL_AS(ExitCode::kCheckpoint, "chat_template", "line {} of the chat template: {}; it is not used",
              line, what);
}

}  // namespace ttx::hf::jinja
