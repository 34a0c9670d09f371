// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/split.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace ttx::hf {
namespace {

struct Stretch {
  TextSpan span;
  bool is_match;
};

/// The whole text as matches and the non-empty gaps between them.
std::vector<Stretch> stretches(std::size_t size, const std::vector<TextSpan>& matches, SplitOn on) {
  const bool on_matches = on == SplitOn::kMatches;
  std::vector<Stretch> all;
  std::size_t at = 0;
  for (const TextSpan match : matches) {
    if (at != match.begin) {
      all.push_back({{at, match.begin}, !on_matches});
    }
    all.push_back({match, on_matches});
    at = match.end;
  }
  if (at != size) {
    all.push_back({{at, size}, !on_matches});
  }
  return all;
}

/// A match joins the piece before it, unless that piece ends in a match already.
std::vector<TextSpan> merged_with_previous(const std::vector<Stretch>& all) {
  std::vector<TextSpan> pieces;
  bool after_match = false;
  for (const Stretch& stretch : all) {
    if (stretch.is_match && !after_match && !pieces.empty()) {
      pieces.back().end = stretch.span.end;
    } else {
      pieces.push_back(stretch.span);
    }
    after_match = stretch.is_match;
  }
  return pieces;
}

std::vector<TextSpan> merged_with_next(const std::vector<Stretch>& all) {
  std::vector<TextSpan> pieces;  // from the last to the first
  bool before_match = false;
  for (auto stretch = all.rbegin(); stretch != all.rend(); ++stretch) {
    if (stretch->is_match && !before_match && !pieces.empty()) {
      pieces.back().begin = stretch->span.begin;
    } else {
      pieces.push_back(stretch->span);
    }
    before_match = stretch->is_match;
  }
  std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

std::vector<TextSpan> contiguous(const std::vector<Stretch>& all) {
  std::vector<TextSpan> pieces;
  bool after_match = false;
  for (const Stretch& stretch : all) {
    if (stretch.is_match == after_match && !pieces.empty()) {
      pieces.back().end = stretch.span.end;
    } else {
      pieces.push_back(stretch.span);
    }
    after_match = stretch.is_match;
  }
  return pieces;
}

}  // namespace

std::optional<SplitBehavior> split_behavior(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, SplitBehavior>, 5> kNames = {{
      {"Removed", SplitBehavior::kRemoved},
      {"Isolated", SplitBehavior::kIsolated},
      {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
      {"MergedWithNext", SplitBehavior::kMergedWithNext},
      {"Contiguous", SplitBehavior::kContiguous},
  }};
  for (const auto& [known, behavior] : kNames) {
    if (known == name) {
      return behavior;
    }
  }
  return std::nullopt;
}

std::vector<TextSpan> split(std::size_t size, const std::vector<TextSpan>& matches, SplitBehavior behavior,
                            SplitOn on) {
  const std::vector<Stretch> all = stretches(size, matches, on);
  switch (behavior) {
    case SplitBehavior::kMergedWithPrevious:
      return merged_with_previous(all);
    case SplitBehavior::kMergedWithNext:
      return merged_with_next(all);
    case SplitBehavior::kContiguous:
      return contiguous(all);
    case SplitBehavior::kRemoved:
    case SplitBehavior::kIsolated:
      break;
  }
  std::vector<TextSpan> pieces;
  for (const Stretch& stretch : all) {
    if (behavior == SplitBehavior::kIsolated || !stretch.is_match) {
      pieces.push_back(stretch.span);
    }
  }
  return pieces;
}

}  // namespace ttx::hf
