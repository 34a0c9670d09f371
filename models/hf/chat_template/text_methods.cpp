// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/text_methods.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <unicode/uchar.h>

#include "models/hf/chat_template/code_points.hpp"

namespace ttx::hf::jinja {
namespace {

const std::string& text_argument(const Arguments& arguments, std::size_t index, std::string_view name) {
  const Value& value = arguments.at(index, name, "a method of a text");
  if (value.text() == nullptr) {
    throw Problem(fmt::format("argument '{}': got {}, expected a text", name, value.kind()));
  }
  return *value.text();
}

std::int64_t whole_argument(const Arguments& arguments, std::size_t index, std::string_view name,
                            std::int64_t otherwise) {
  const Value* value = arguments.find(index, name);
  if (value != nullptr && !value->is_whole()) {
    throw Problem(fmt::format("argument '{}': got {}, expected an integer", name, value->kind()));
  }
  return value == nullptr ? otherwise : value->whole();
}

template <Side kSide>
Value strip_text(const Value& self, const Arguments& arguments) {
  const Value* characters = arguments.find(0, "chars");
  const bool white_space = characters == nullptr || characters->is_none();
  return strip(*self.text(), kSide, white_space ? nullptr : &text_argument(arguments, 0, "chars"));
}

Value list_of(const std::vector<std::string>& texts) { return List(texts.begin(), texts.end()); }

template <Side kSide>
Value split_text(const Value& self, const Arguments& arguments) {
  const Value* separator = arguments.find(0, "sep");
  const std::int64_t most = whole_argument(arguments, 1, "maxsplit", -1);
  if (separator == nullptr || separator->is_none()) {
    return list_of(split_at_space(*self.text(), most, kSide));
  }
  const std::string& by = text_argument(arguments, 0, "sep");
  if (by.empty()) {
    throw Problem("split: got an empty separator");
  }
  return list_of(split_at(*self.text(), by, most, kSide));
}

/// Whether a text begins (ends) with the argument, or with one of a list.
template <bool kEnd>
Value has_end(const Value& self, const Arguments& arguments) {
  const auto matches = [&](const std::string& part) {
    return kEnd ? self.text()->ends_with(part) : self.text()->starts_with(part);
  };
  const Value& first = arguments.at(0, "prefix", kEnd ? "endswith" : "startswith");
  if (first.list() != nullptr) {
    return std::any_of(first.list()->begin(), first.list()->end(),
                       [&](const Value& part) { return part.text() != nullptr && matches(*part.text()); });
  }
  return matches(text_argument(arguments, 0, "prefix"));
}

Value split_lines(const Value& self, const Arguments& /*arguments*/) {
  constexpr std::u32string_view kEnds = U"\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029";
  List lines;
  std::u32string line;
  const std::u32string text = code_points(*self.text());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (kEnds.find(text[i]) == std::u32string_view::npos) {
      line += text[i];
      continue;
    }
    i += text[i] == U'\r' && i + 1 < text.size() && text[i + 1] == U'\n' ? 1U : 0U;
    lines.emplace_back(utf8_of(line));
    line.clear();
  }
  if (!line.empty()) {
    lines.emplace_back(utf8_of(line));
  }
  return lines;
}

Value join_texts(const Value& self, const Arguments& arguments) {
  std::string text;
  bool first = true;
  for (const Value& part : elements(arguments.at(0, "iterable", "join"))) {
    if (part.text() == nullptr) {
      throw Problem(fmt::format("join: got {}, expected texts", part.kind()));
    }
    text += (first ? "" : *self.text()) + *part.text();
    first = false;
  }
  return text;
}

/// Each run of letters with its first one upper case.
Value title(const Value& self, const Arguments& /*arguments*/) {
  std::u32string text = code_points(*self.text());
  bool in_word = false;
  for (char32_t& c : text) {
    const auto letter = static_cast<UChar32>(c);
    c = static_cast<char32_t>(in_word ? u_tolower(letter) : u_totitle(letter));
    in_word = u_isUAlphabetic(letter) != 0;
  }
  return utf8_of(text);
}

Value capitalize(const Value& self, const Arguments& /*arguments*/) {
  const std::u32string text = code_points(*self.text());
  return text.empty() ? std::string() : upper(utf8_of(text.substr(0, 1))) + lower(utf8_of(text.substr(1)));
}

Value find_text(const Value& self, const Arguments& arguments) {
  const std::size_t at = self.text()->find(text_argument(arguments, 0, "sub"));
  return at == std::string::npos ? std::int64_t{-1}
                                 : static_cast<std::int64_t>(code_points(self.text()->substr(0, at)).size());
}

Value count_text(const Value& self, const Arguments& arguments) {
  const std::string& part = text_argument(arguments, 0, "sub");
  const auto parts =
      static_cast<std::int64_t>(part.empty() ? code_points(*self.text()).size() + 2
                                             : split_at(*self.text(), part, -1, Side::kLeft).size());
  return parts - 1;
}

template <bool kEnd>
Value remove_end(const Value& self, const Arguments& arguments) {
  const std::string& part = text_argument(arguments, 0, kEnd ? "suffix" : "prefix");
  const std::string& text = *self.text();
  if (kEnd ? !text.ends_with(part) : !text.starts_with(part)) {
    return text;
  }
  return kEnd ? text.substr(0, text.size() - part.size()) : text.substr(part.size());
}

Value replace_text(const Value& self, const Arguments& arguments) {
  return replace(*self.text(), text_argument(arguments, 0, "old"), text_argument(arguments, 1, "new"),
                 whole_argument(arguments, 2, "count", -1));
}

bool all_of_text(const Value& self, const auto& holds) {
  const std::u32string text = code_points(*self.text());
  return !text.empty() && std::all_of(text.begin(), text.end(), holds);
}

}  // namespace

const Methods& text_methods() {
  static const Methods kMethods = {
      {"strip", strip_text<Side::kBoth>},
      {"lstrip", strip_text<Side::kLeft>},
      {"rstrip", strip_text<Side::kRight>},
      {"split", split_text<Side::kLeft>},
      {"rsplit", split_text<Side::kRight>},
      {"splitlines", split_lines},
      {"startswith", has_end<false>},
      {"endswith", has_end<true>},
      {"removeprefix", remove_end<false>},
      {"removesuffix", remove_end<true>},
      {"replace", replace_text},
      {"join", join_texts},
      {"title", title},
      {"capitalize", capitalize},
      {"find", find_text},
      {"count", count_text},
      {"upper", [](const Value& self, const Arguments&) { return Value(upper(*self.text())); }},
      {"lower", [](const Value& self, const Arguments&) { return Value(lower(*self.text())); }},
      {"isspace", [](const Value& self, const Arguments&) { return Value(all_of_text(self, is_space)); }},
      {"isdigit",
       [](const Value& self, const Arguments&) {
         return Value(
             all_of_text(self, [](char32_t c) { return u_charDigitValue(static_cast<UChar32>(c)) >= 0; }));
       }},
  };
  return kMethods;
}

}  // namespace ttx::hf::jinja
