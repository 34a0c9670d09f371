// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/text_pattern.hpp"

namespace ttx::hf {

TextPattern::TextPattern(const JsonNode& pattern) {
  if (const auto regex = pattern.find("Regex")) {
    const std::string text = regex->string();
    regex_.emplace(read_regex_pattern(text), text);
    return;
  }
  literal_ = pattern.at("String").string();
  if (literal_.empty()) {
    regex_.emplace(literal_pattern(""), "");  // matches before every character and at the end
  }
}

std::vector<TextSpan> TextPattern::find_all(std::string_view text) const {
  if (regex_) {
    return regex_->find_all(text);
  }
  std::vector<TextSpan> matches;
  for (std::size_t at = text.find(literal_); at != std::string_view::npos;
       at = text.find(literal_, matches.back().end)) {
    matches.push_back({at, at + literal_.size()});
  }
  return matches;
}

std::string TextPattern::replace_all(std::string_view text, std::string_view content) const {
  std::string replaced;
  std::size_t done = 0;
  for (const TextSpan match : find_all(text)) {
    replaced.append(text.substr(done, match.begin - done)).append(content);
    done = match.end;
  }
  replaced.append(text.substr(done));
  return replaced;
}

}  // namespace ttx::hf
