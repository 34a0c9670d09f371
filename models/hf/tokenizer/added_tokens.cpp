// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/added_tokens.hpp"

#include <algorithm>
#include <utility>

#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
AddedToken read_added_token(const JsonNode& node) {
  AddedToken token;
  token.content = node.at("content").string();
  token.single_word = node.at("single_word").boolean();
  token.lstrip = node.at("lstrip").boolean();
  token.rstrip = node.at("rstrip").boolean();
  token.normalized = node.at("normalized").boolean();
  token.special = node.at("special").boolean();
  return token;
}

void AddedTokens::add(const AddedToken& token, const Vocabulary& vocabulary,
                      std::optional<std::int64_t> expected_id) {
  if (token.content.empty()) {
    return;
  }
  std::optional<std::int32_t> id = this->id(token.content);
  if (!id) {
    id = vocabulary.id(token.content);
  }
  if (!id) {
    const std::int64_t next = vocabulary.size() + beyond_vocabulary_++;
    TTX_CHECK_AS(next < kTokenIdLimit, ExitCode::kCheckpoint, "tokenizer",
                 "too many tokens: got {}, expected at most {}; the file is damaged", next + 1,
                 kTokenIdLimit);
    id = static_cast<std::int32_t>(next);
    TTX_CHECK_AS(vocabulary.token(*id) == nullptr, ExitCode::kCheckpoint, "tokenizer",
                 "the next free id, {}, for added token \"{}\" is taken: got \"{}\" there, expected a "
                 "vocabulary whose "
                 "ids have no holes; renumber its tokens",
                 *id, token.content, *vocabulary.token(*id));
  }
  TTX_CHECK_AS(
      !expected_id || *expected_id == *id, ExitCode::kCheckpoint, "tokenizer",
      "the id of added token \"{}\" does not fit the vocabulary: got {}, expected {}, which is what the "
      "tokenizers library gives it; renumber the token",
      token.content, *expected_id, *id);
  ids_.insert_or_assign(token.content, *id);
  if (token.special) {
    special_.insert(token.content);
  }
  entries_.insert_or_assign(*id, Entry{token, token.content});
}

void AddedTokens::prepare(const Normalizer& normalizer) {
  std::vector<TokenMatcher::Pattern> raw;
  std::vector<TokenMatcher::Pattern> normalized;
  for (auto& [id, entry] : entries_) {
    if (entry.token.normalized) {
      entry.text = normalizer.apply(entry.token.content);
    }
    (entry.token.normalized ? normalized : raw).push_back({entry.text, id});
    if (entry.token.single_word && word_.ranges().empty()) {
      word_ = word_characters();
    }
  }
  raw_ = TokenMatcher(std::move(raw));
  normalized_ = TokenMatcher(std::move(normalized));
}

std::optional<std::int32_t> AddedTokens::id(std::string_view content) const {
  const auto found = ids_.find(content);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

const std::string* AddedTokens::text(std::int32_t id) const {
  const auto found = entries_.find(id);
  return found == entries_.end() ? nullptr : &found->second.text;
}

bool AddedTokens::stands_alone(std::string_view text, TextSpan span) const {
  std::size_t before = span.begin;
  return (span.begin == 0 || !word_.contains(previous_code_point(text, before))) &&
         (span.end == text.size() || !word_.contains(code_point_at(text, span.end)));
}

// The order of the steps is the library's: a token that strips may reach over the beginning of the next
// match, and the text between two tokens is what lies between their stripped ends.
std::vector<AddedTokens::Segment> AddedTokens::cut(std::string_view text, const TokenMatcher& matcher) const {
  std::vector<Segment> segments;
  std::size_t done = 0;
  for (const TokenMatcher::Match& match : matcher.find_all(text)) {
    const AddedToken& token = entries_.at(match.id).token;
    TextSpan span = match.span;
    if (token.single_word && !stands_alone(text, span)) {
      continue;
    }
    if (token.lstrip) {
      std::size_t begin = span.begin;
      std::size_t before = begin;
      while (before > 0 && white_space_.contains(previous_code_point(text, before))) {
        begin = before;
      }
      span.begin = std::max(begin, done);
    }
    if (token.rstrip) {
      std::size_t behind = span.end;
      while (behind < text.size() && white_space_.contains(next_code_point(text, behind))) {
        span.end = behind;
      }
    }
    if (done < span.begin) {
      segments.push_back({{done, span.begin}, std::nullopt});
    }
    if (span.begin < span.end) {
      segments.push_back({span, match.id});
    }
    done = span.end;
  }
  if (done != text.size()) {
    segments.push_back({{done, text.size()}, std::nullopt});
  }
  return segments;
}

}  // namespace ttx::hf
