// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <utility>

#include "models/hf/tokenizer/regex_reader.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr char32_t kFirstNonAscii = 0x80;

bool is_letter(char32_t c) { return (c >= U'a' && c <= U'z') || (c >= U'A' && c <= U'Z'); }
bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

/// Up to `most` hexadecimal digits; at least `least`.
char32_t read_hex(RegexCursor& cursor, int least, int most) {
  char32_t value = 0;
  int digits = 0;
  for (; digits < most; ++digits) {
    const char32_t c = cursor.peek();
    const char32_t lower = is_letter(c) ? (c | 0x20) : c;
    if (!is_digit(c) && !(lower >= U'a' && lower <= U'f')) {
      break;
    }
    value = value * 16 + (is_digit(lower) ? lower - U'0' : lower - U'a' + 10);
    cursor.next();
  }
  if (digits < least) {
    cursor.refuse("too few hexadecimal digits");
  }
  return value;
}

char32_t read_code_point_number(RegexCursor& cursor, char32_t kind) {
  char32_t value = 0;
  if (kind == U'u') {
    value = read_hex(cursor, 4, 4);
  } else if (cursor.take("{")) {
    value = read_hex(cursor, 1, 7);
    if (!cursor.take("}")) {
      cursor.refuse("an unfinished \\x{..}");
    }
  } else {
    value = read_hex(cursor, 1, 2);
    if (value >= kFirstNonAscii) {
      cursor.refuse("a raw byte above \\x7F");
    }
  }
  if (value == 0 || value > kLastCodePoint || (value >= 0xD800 && value <= 0xDFFF)) {
    cursor.refuse("a number that is no character");
  }
  return value;
}

RegexEscape read_property(RegexCursor& cursor, RegexSets& sets, bool negated) {
  if (!cursor.take("{")) {
    cursor.refuse("a property without braces");
  }
  if (cursor.take("^")) {
    negated = !negated;
  }
  std::string name;
  while (!cursor.at_end() && cursor.peek() != U'}') {
    append_utf8(name, cursor.next());
  }
  cursor.next();
  RegexEscape escape;
  escape.set = sets.category(name);
  escape.negated = negated;
  if (!escape.is_set()) {
    cursor.refuse(fmt::format("property \"{}\", which is no general category by its short name", name));
  }
  return escape;
}

RegexEscape literal(char32_t code_point) {
  RegexEscape escape;
  escape.code_point = code_point;
  return escape;
}

RegexEscape named(std::size_t set, bool negated) {
  RegexEscape escape;
  escape.set = set;
  escape.negated = negated;
  return escape;
}

}  // namespace

RegexEscape read_regex_escape(RegexCursor& cursor, RegexSets& sets) {
  const char32_t c = cursor.next();
  switch (c) {
    case U't':
      return literal(U'\t');
    case U'n':
      return literal(U'\n');
    case U'v':
      return literal(U'\v');
    case U'f':
      return literal(U'\f');
    case U'r':
      return literal(U'\r');
    case U'a':
      return literal(U'\a');
    case U'e':
      return literal(0x1B);
    case U'x':
    case U'u':
      return literal(read_code_point_number(cursor, c));
    case U's':
    case U'S':
      return named(sets.white_space(), c == U'S');
    case U'd':
    case U'D':
      return named(sets.category("Nd"), c == U'D');
    case U'p':
    case U'P':
      return read_property(cursor, sets, c == U'P');
    default:
      break;
  }
  if (c >= kFirstNonAscii || is_letter(c) || is_digit(c)) {
    std::string shown;
    append_utf8(shown, c);
    cursor.refuse(fmt::format("escape \\{}", shown));
  }
  return literal(c);
}

void add_code_point(RegexCursor& cursor, RegexSets& sets, RegexCase letter_case, char32_t code_point,
                    std::vector<std::size_t>& out) {
  const auto add = [&](char32_t c) { out.push_back(sets.range(c, c)); };
  add(code_point);
  if (letter_case == RegexCase::kExact) {
    return;
  }
  if (code_point >= kFirstNonAscii) {
    cursor.refuse("a character outside ASCII under (?i:..)");
  }
  if (is_letter(code_point)) {
    add(code_point ^ 0x20);
  }
  // The only characters outside ASCII that fold to one ASCII letter (CaseFolding.txt, status C).
  if (code_point == U's' || code_point == U'S') {
    add(0x17F);
  } else if (code_point == U'k' || code_point == U'K') {
    add(0x212A);
  }
}

RegexItem read_regex_class(RegexCursor& cursor, RegexSets& sets, RegexCase letter_case) {
  RegexItem item;
  item.negated = cursor.take("^");
  if (letter_case == RegexCase::kFolded && item.negated) {
    cursor.refuse("a negated class under (?i:..)");
  }
  const auto read_member = [&] {
    if (cursor.peek() == U'[' || (cursor.peek() == U'&' && cursor.peek(1) == U'&')) {
      cursor.refuse("a class inside a class");
    }
    return cursor.take("\\") ? read_regex_escape(cursor, sets) : literal(cursor.next());
  };
  bool first = true;
  while (first || cursor.peek() != U']') {
    if (first && cursor.peek() == U']') {
      cursor.refuse("a class that begins with ]");
    }
    if (cursor.peek() == U'-' && !first && cursor.peek(1) != U']') {
      cursor.refuse("a - that is neither first, last nor between two characters");
    }
    first = false;
    const RegexEscape low = read_member();
    if (low.is_set()) {
      if (letter_case == RegexCase::kFolded) {
        cursor.refuse("a set of characters under (?i:..)");
      }
      item.sets.push_back(low.negated ? sets.complement(low.set) : low.set);
      continue;
    }
    if (cursor.peek() != U'-' || cursor.peek(1) == U']') {
      add_code_point(cursor, sets, letter_case, low.code_point, item.sets);
      continue;
    }
    cursor.next();
    const RegexEscape high = read_member();
    if (high.is_set() || high.code_point < low.code_point) {
      cursor.refuse("a range that does not rise from one character to another");
    }
    if (letter_case == RegexCase::kExact) {
      item.sets.push_back(sets.range(low.code_point, high.code_point));
      continue;
    }
    for (char32_t c = low.code_point; c <= high.code_point; ++c) {
      add_code_point(cursor, sets, letter_case, c, item.sets);
    }
  }
  cursor.next();
  return item;
}

}  // namespace ttx::hf
