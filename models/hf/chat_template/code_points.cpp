// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/code_points.hpp"

#include <algorithm>

#include <unicode/locid.h>
#include <unicode/unistr.h>

#include "models/hf/tokenizer/code_point_set.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf::jinja {

std::u32string code_points(std::string_view utf8) {
  std::u32string text;
  text.reserve(utf8.size());
  for (std::size_t at = 0; at < utf8.size();) {
    text.push_back(next_code_point(utf8, at));
  }
  return text;
}

std::string utf8_of(std::u32string_view text) {
  std::string utf8;
  for (const char32_t c : text) {
    append_utf8(utf8, c);
  }
  return utf8;
}

bool is_space(char32_t c) {
  static const CodePointSet* const kSpace = new CodePointSet(white_space());
  return (c >= 0x1C && c <= 0x1F) || kSpace->contains(c);  // Python adds the four separators
}

std::string upper(std::string_view text) {
  std::string out;
  icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())})
      .toUpper(icu::Locale::getRoot())
      .toUTF8String(out);
  return out;
}

std::string lower(std::string_view text) {
  std::string out;
  icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())})
      .toLower(icu::Locale::getRoot())
      .toUTF8String(out);
  return out;
}

std::string strip(std::string_view text, Side side, const std::string* characters) {
  const std::u32string all = code_points(text);
  const std::u32string set = characters == nullptr ? std::u32string() : code_points(*characters);
  const auto goes = [&](char32_t c) {
    return characters == nullptr ? is_space(c) : set.find(c) != std::u32string::npos;
  };
  std::size_t begin = 0;
  std::size_t end = all.size();
  while (side != Side::kRight && begin < end && goes(all[begin])) {
    ++begin;
  }
  while (side != Side::kLeft && end > begin && goes(all[end - 1])) {
    --end;
  }
  return utf8_of(std::u32string_view(all).substr(begin, end - begin));
}

std::vector<std::string> split_at_space(std::string_view text, std::int64_t most, Side from) {
  std::u32string all = code_points(text);
  if (from == Side::kRight) {
    std::reverse(all.begin(), all.end());
  }
  std::vector<std::u32string> parts;
  std::size_t at = 0;
  const auto skip_space = [&] {
    while (at < all.size() && is_space(all[at])) {
      ++at;
    }
  };
  for (skip_space(); at < all.size(); skip_space()) {
    if (most >= 0 && static_cast<std::int64_t>(parts.size()) == most) {
      parts.push_back(all.substr(at));
      break;
    }
    const std::size_t begin = at;
    while (at < all.size() && !is_space(all[at])) {
      ++at;
    }
    parts.push_back(all.substr(begin, at - begin));
  }
  if (from == Side::kRight) {
    std::reverse(parts.begin(), parts.end());
    for (std::u32string& part : parts) {
      std::reverse(part.begin(), part.end());
    }
  }
  std::vector<std::string> texts;
  for (const std::u32string& part : parts) {
    texts.push_back(utf8_of(part));
  }
  return texts;
}

std::vector<std::string> split_at(std::string_view text, std::string_view separator, std::int64_t most,
                                  Side from) {
  std::vector<std::string> parts;
  const auto more = [&] { return most < 0 || static_cast<std::int64_t>(parts.size()) < most; };
  if (from == Side::kRight) {
    while (more()) {
      const std::size_t at = text.rfind(separator);
      if (at == std::string_view::npos) {
        break;
      }
      parts.emplace_back(text.substr(at + separator.size()));
      text = text.substr(0, at);
    }
    parts.emplace_back(text);
    std::reverse(parts.begin(), parts.end());
    return parts;
  }
  while (more()) {
    const std::size_t at = text.find(separator);
    if (at == std::string_view::npos) {
      break;
    }
    parts.emplace_back(text.substr(0, at));
    text = text.substr(at + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

std::string replace(std::string_view text, std::string_view old, std::string_view by, std::int64_t most) {
  std::string out;
  std::size_t done = 0;
  std::int64_t count = 0;
  while (most < 0 || count < most) {
    const std::size_t at = text.find(old, done);
    if (at == std::string_view::npos) {
      break;
    }
    out.append(text.substr(done, at - done)).append(by);
    done = at + old.size();
    ++count;
    if (old.empty()) {
      if (at == text.size()) {
        return out;
      }
      std::size_t next = at;
      next_code_point(text, next);
      out.append(text.substr(at, next - at));
      done = next;
    }
  }
  return out.append(text.substr(done));
}

}  // namespace ttx::hf::jinja
