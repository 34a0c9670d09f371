// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/token_matcher.hpp"

#include <algorithm>

#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

std::size_t byte_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]); }

}  // namespace

TokenMatcher::TokenMatcher(std::vector<Pattern> patterns) : patterns_(std::move(patterns)) {
  std::sort(patterns_.begin(), patterns_.end(), [](const auto& a, const auto& b) { return a.text < b.text; });
  for (std::size_t i = 1; i < patterns_.size(); ++i) {
    TTX_CHECK_AS(
        patterns_[i - 1].text != patterns_[i].text, ExitCode::kCheckpoint, "tokenizer",
        "two added tokens have one text: got \"{}\" with ids {} and {}, expected one; the file is damaged",
        patterns_[i].text, patterns_[i - 1].id, patterns_[i].id);
  }
  for (const Pattern& pattern : patterns_) {
    ++begin_of_byte_[byte_at(pattern.text, 0) + 1];
  }
  for (std::size_t byte = 1; byte < begin_of_byte_.size(); ++byte) {
    begin_of_byte_[byte] += begin_of_byte_[byte - 1];
  }
}

const TokenMatcher::Pattern* TokenMatcher::longest(std::string_view text) const {
  const Pattern* found = nullptr;
  // The patterns that agree with the text so far; `depth` bytes of each are known to.
  const auto begin = patterns_.begin();
  auto first = begin + static_cast<std::ptrdiff_t>(begin_of_byte_[byte_at(text, 0)]);
  auto last = begin + static_cast<std::ptrdiff_t>(begin_of_byte_[byte_at(text, 0) + 1]);
  for (std::size_t depth = 1; first != last; ++depth) {
    if (first->text.size() == depth) {
      found = &*first++;
    }
    if (depth == text.size()) {
      break;
    }
    const std::size_t byte = byte_at(text, depth);
    first =
        std::partition_point(first, last, [&](const Pattern& p) { return byte_at(p.text, depth) < byte; });
    last =
        std::partition_point(first, last, [&](const Pattern& p) { return byte_at(p.text, depth) == byte; });
  }
  return found;
}

std::vector<TokenMatcher::Match> TokenMatcher::find_all(std::string_view text) const {
  std::vector<Match> matches;
  std::size_t at = 0;
  while (at < text.size()) {
    const Pattern* pattern = longest(text.substr(at));
    if (pattern == nullptr) {
      ++at;
      continue;
    }
    matches.push_back({{at, at + pattern->text.size()}, pattern->id});
    at += pattern->text.size();
  }
  return matches;
}

}  // namespace ttx::hf
