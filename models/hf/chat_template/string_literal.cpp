// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/string_literal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

#include "models/hf/chat_template/token.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf::jinja {
namespace {

constexpr std::string_view kLetters = "abfnrtv\\'\"";
constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\'\"";

/// `count` digits at `at`, most of that many for octal numbers; moves `at` behind them.
std::uint32_t read_digits(std::string_view source, std::size_t& at, std::size_t count, int base,
                          std::size_t line) {
  std::uint32_t value = 0;
  const char* begin = source.data() + at;
  const char* end = source.data() + std::min(at + count, source.size());
  const auto [stop, problem] = std::from_chars(begin, end, value, base);
  const bool whole = base == 8 || stop == begin + count;
  if (problem != std::errc() || !whole || value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
    refuse_template(line, "an escape in a string is no character: expected \\xHH, \\uHHHH or \\UHHHHHHHH");
  }
  at += static_cast<std::size_t>(stop - begin);
  return value;
}

/// The escape whose backslash stands before `at`.
void read_escape(std::string_view source, std::size_t& at, std::size_t line, std::string& text) {
  const char c = source[at];
  const std::size_t known = kLetters.find(c);
  if (known != std::string_view::npos) {
    text += kMeanings[known];
    ++at;
  } else if (c == 'x' || c == 'u' || c == 'U') {
    ++at;
    append_utf8(text, read_digits(source, at, c == 'x' ? 2 : c == 'u' ? 4 : 8, 16, line));
  } else if (c >= '0' && c <= '7') {
    append_utf8(text, read_digits(source, at, 3, 8, line));
  } else if (c == '\n') {
    ++at;  // the line goes on
  } else {
    text += '\\';  // as Python leaves an escape it does not know
  }
}

}  // namespace

std::pair<std::string, std::size_t> read_string_literal(std::string_view source, std::size_t line) {
  const char quote = source.front();
  std::string text;
  std::size_t at = 1;
  while (at < source.size() && source[at] != quote) {
    if (source[at] != '\\') {
      text += source[at++];
    } else if (++at < source.size()) {
      read_escape(source, at, line, text);
    }
  }
  if (at >= source.size()) {
    refuse_template(line, "a string has no end: expected the quote that began it");
  }
  return {text, at + 1};
}

}  // namespace ttx::hf::jinja
