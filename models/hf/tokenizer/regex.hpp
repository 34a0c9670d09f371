// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/regex_pattern.hpp"

namespace ttx::hf {

/// Bytes [begin, end) of a text.
struct TextSpan {
  std::size_t begin;
  std::size_t end;

  bool operator==(const TextSpan&) const = default;
};

/// A compiled pattern. The engine is PCRE2 on symbols (symbol_map.hpp); every question about Unicode is
/// answered before it runs. Const use from several threads is safe.
class Regex {
 public:
  /// Throws ttx::Error (kCheckpoint) when the engine does not take the pattern; `shown` names it in the
  /// message.
  Regex(const RegexPattern& pattern, std::string_view shown);
  Regex(Regex&&) noexcept;
  Regex& operator=(Regex&&) noexcept;
  ~Regex();

  /// The matches in `text` (well-formed UTF-8), left to right, none overlapping; none in an empty text. An
  /// empty match directly behind a match does not count: the search goes on one character later, as in the
  /// onig crate's find_iter. Throws ttx::Error when the engine runs out of its limits.
  std::vector<TextSpan> find_all(std::string_view text) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ttx::hf
