// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/regex.hpp"

namespace ttx::hf {

/// What becomes of the matches when a text is cut at them. "the-final--countdown" cut at "-":
enum class SplitBehavior {
  kRemoved,             ///< the final countdown
  kIsolated,            ///< the - final - - countdown
  kMergedWithPrevious,  ///< the- final- - countdown
  kMergedWithNext,      ///< the -final - -countdown
  kContiguous,          ///< the - final -- countdown
};

/// The behavior by its name in tokenizer files ("MergedWithNext"); nothing for any other name.
std::optional<SplitBehavior> split_behavior(std::string_view name);

/// Which stretches count as matches: those found, or those between them.
enum class SplitOn { kMatches, kGaps };

/// Cuts a text of `size` bytes at `matches` (ascending, not overlapping, maybe empty). Some pieces may be
/// empty.
std::vector<TextSpan> split(std::size_t size, const std::vector<TextSpan>& matches, SplitBehavior behavior,
                            SplitOn on);

}  // namespace ttx::hf
