// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/regex_reader.hpp"

#include <utility>

#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {

RegexCursor::RegexCursor(std::string_view pattern) : pattern_(pattern) {
  std::size_t at = 0;
  while (at < pattern.size()) {
    text_.push_back(next_code_point(pattern, at));
  }
  at_ = text_.find(U'\0');
  if (at_ != std::u32string::npos) {
    pattern_.resize(pattern_.find('\0'));  // a message ends there anyway
    refuse("a NUL character");
  }
  at_ = 0;
}

char32_t RegexCursor::peek(std::size_t ahead) const {
  return at_ + ahead < text_.size() ? text_[at_ + ahead] : U'\0';
}

char32_t RegexCursor::next() {
  if (at_end()) {
    refuse("an end in the middle of a construct");
  }
  return text_[at_++];
}

bool RegexCursor::take(std::string_view ascii) {
  for (std::size_t i = 0; i < ascii.size(); ++i) {
    if (peek(i) != static_cast<char32_t>(static_cast<unsigned char>(ascii[i]))) {
      return false;
    }
  }
  at_ += ascii.size();
  return true;
}

void RegexCursor::refuse(std::string_view what) const {
  TTX_FAIL_AS(
      ExitCode::kCheckpoint, "tokenizer",
      "regex \"{}\" is not supported: got {} (by character {}), expected only what every engine reads alike; "
      "rewrite the pattern in tokenizer.json",
      pattern_, what, at_);
}

template <typename Make>
std::size_t RegexSets::number(const std::string& key, Make make) {
  const auto found = numbers_.find(key);
  if (found != numbers_.end()) {
    return found->second;
  }
  sets_.push_back(make());
  numbers_.emplace(key, sets_.size() - 1);
  return sets_.size() - 1;
}

std::size_t RegexSets::range(char32_t first, char32_t last) {
  return number(fmt::format("{:X}-{:X}", static_cast<unsigned>(first), static_cast<unsigned>(last)), [&] {
    return CodePointSet({{first, last}});
  });
}

std::size_t RegexSets::white_space() {
  return number("white space", [] { return hf::white_space(); });
}

std::size_t RegexSets::category(const std::string& name) {
  const auto found = numbers_.find("category " + name);
  if (found != numbers_.end()) {
    return found->second;
  }
  auto set = general_category(name);
  return set ? number("category " + name, [&] { return std::move(*set); }) : kUnknown;
}

std::size_t RegexSets::complement(std::size_t set) {
  return number(fmt::format("not {}", set), [&] {
    std::vector<CodePointRange> outside;
    char32_t next = 0;
    for (const CodePointRange range : sets_[set].ranges()) {
      if (next < range.first) {
        outside.push_back({next, range.first - 1});
      }
      next = range.last + 1;
    }
    if (next <= kLastCodePoint) {
      outside.push_back({next, kLastCodePoint});
    }
    return CodePointSet(std::move(outside));
  });
}

}  // namespace ttx::hf
