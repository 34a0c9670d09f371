// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/python_text.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unicode/uchar.h>

#include "models/hf/chat_template/code_points.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf::jinja {
namespace {

/// The shortest text that reads back as the number, as Python writes it.
std::string real_text(double number, std::string_view infinity, std::string_view no_number) {
  if (std::isnan(number)) {
    return std::string(no_number);
  }
  if (std::isinf(number)) {
    return (number < 0 ? "-" : "") + std::string(infinity);
  }
  std::string text = fmt::format("{}", number);
  return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

/// Python's str.isprintable for one character.
bool is_printable(char32_t c) {
  constexpr std::uint32_t kHidden = U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK | U_GC_CO_MASK | U_GC_CN_MASK |
                                    U_GC_ZL_MASK | U_GC_ZP_MASK | U_GC_ZS_MASK;
  return c == ' ' || (U_GET_GC_MASK(static_cast<UChar32>(c)) & kHidden) == 0;
}

std::string text_repr(const std::string& text) {
  const bool double_quotes = text.find('\'') != std::string::npos && text.find('"') == std::string::npos;
  const char32_t quote = double_quotes ? U'"' : U'\'';
  std::string out;
  append_utf8(out, quote);
  for (const char32_t c : code_points(text)) {
    if (c == quote || c == U'\\') {
      out += '\\';
      append_utf8(out, c);
    } else if (c == U'\n' || c == U'\r' || c == U'\t') {
      out += c == U'\n' ? "\\n" : c == U'\r' ? "\\r" : "\\t";
    } else if (is_printable(c)) {
      append_utf8(out, c);
    } else {
      const auto number = static_cast<std::uint32_t>(c);
      out += number < 0x100     ? fmt::format("\\x{:02x}", number)
             : number < 0x10000 ? fmt::format("\\u{:04x}", number)
                                : fmt::format("\\U{:08x}", number);
    }
  }
  append_utf8(out, quote);
  return out;
}

class JsonWriter {
 public:
  explicit JsonWriter(const JsonStyle& style) : style_(style) {}

  void write(const Value& value, std::size_t level) {
    if (value.is_none()) {
      out += "null";
    } else if (value.boolean() != nullptr) {
      out += *value.boolean() ? "true" : "false";
    } else if (value.integer() != nullptr) {
      out += fmt::format("{}", *value.integer());
    } else if (value.real() != nullptr) {
      out += real_text(*value.real(), "Infinity", "NaN");
    } else if (value.text() != nullptr) {
      write_text(*value.text());
    } else if (value.list() != nullptr) {
      write_list(*value.list(), level);
    } else if (value.dict() != nullptr) {
      write_dict(*value.dict(), level);
    } else {
      throw Problem(fmt::format("tojson: got {}, expected what JSON can hold", value.kind()));
    }
  }

  std::string out;

 private:
  void write_text(const std::string& text) { out += nlohmann::json(text).dump(-1, ' ', style_.ascii); }

  void new_line(std::size_t level) {
    if (style_.indent) {
      out += '\n';
      for (std::size_t i = 0; i < level; ++i) {
        out += *style_.indent;
      }
    }
  }

  void separate(bool first, std::size_t level) {
    if (!first) {
      out += style_.item_separator;
    }
    new_line(level);
  }

  void write_list(const List& list, std::size_t level) {
    out += '[';
    for (std::size_t i = 0; i < list.size(); ++i) {
      separate(i == 0, level + 1);
      write(list[i], level + 1);
    }
    if (!list.empty()) {
      new_line(level);
    }
    out += ']';
  }

  void write_dict(const Dict& dict, std::size_t level) {
    auto members = dict.members();
    if (style_.sort_keys) {
      std::sort(members.begin(), members.end(),
                [](const auto& a, const auto& b) { return a.first < b.first; });
    }
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
      separate(i == 0, level + 1);
      write_text(members[i].first);
      out += style_.key_separator;
      write(members[i].second, level + 1);
    }
    if (!members.empty()) {
      new_line(level);
    }
    out += '}';
  }

  const JsonStyle& style_;
};

}  // namespace

std::string str(const Value& value) {
  return value.text() != nullptr ? *value.text() : value.is_undefined() ? std::string() : repr(value);
}

std::string repr(const Value& value) {
  if (value.is_none()) {
    return "None";
  }
  if (value.boolean() != nullptr) {
    return *value.boolean() ? "True" : "False";
  }
  if (value.integer() != nullptr) {
    return fmt::format("{}", *value.integer());
  }
  if (value.real() != nullptr) {
    return real_text(*value.real(), "inf", "nan");
  }
  if (value.text() != nullptr) {
    return text_repr(*value.text());
  }
  std::string out;
  if (value.list() != nullptr) {
    for (const Value& element : *value.list()) {
      out += (out.empty() ? "" : ", ") + repr(element);
    }
    if (value.is_tuple()) {
      return "(" + out + (value.list()->size() == 1 ? ",)" : ")");
    }
    return "[" + out + "]";
  }
  if (value.dict() != nullptr) {
    for (const auto& [key, member] : value.dict()->members()) {
      out += (out.empty() ? "" : ", ") + text_repr(key) + ": " + repr(member);
    }
    return "{" + out + "}";
  }
  if (value.is_undefined()) {
    return "Undefined";
  }
  throw Problem(fmt::format("a {} cannot be written", value.kind()));
}

std::string json_text(const Value& value, const JsonStyle& style) {
  JsonWriter writer(style);
  writer.write(value, 0);
  return std::move(writer.out);
}

}  // namespace ttx::hf::jinja
