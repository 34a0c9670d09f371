// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::hf::jinja {

/// Texts are UTF-8; where Python counts characters, these count code points.
std::u32string code_points(std::string_view utf8);
std::string utf8_of(std::u32string_view text);

/// Python's str.isspace for one character.
bool is_space(char32_t c);

/// Python's str.upper and str.lower: full Unicode mappings, no language's.
std::string upper(std::string_view text);
std::string lower(std::string_view text);

/// Which ends strip takes characters off.
enum class Side { kBoth, kLeft, kRight };
/// Python's strip, lstrip and rstrip: of white space when `characters` is nullptr, else of those characters.
std::string strip(std::string_view text, Side side, const std::string* characters);

/// Python's str.split() at white space, at most `most` times, from the left or the right; below 0 always.
std::vector<std::string> split_at_space(std::string_view text, std::int64_t most, Side from);
/// Python's str.split(separator), likewise. The separator is not empty.
std::vector<std::string> split_at(std::string_view text, std::string_view separator, std::int64_t most,
                                  Side from);

/// `text` with the first `most` places of `old` replaced; below 0 all. An empty `old` stands before every
/// character and at the end.
std::string replace(std::string_view text, std::string_view old, std::string_view by, std::int64_t most);

}  // namespace ttx::hf::jinja
