// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ttx::hf {

/// Byte offset of the first byte that no well-formed UTF-8 sequence (Unicode 16, table 3-7) explains;
/// std::string_view::npos when the whole text is well formed.
std::size_t first_invalid_utf8(std::string_view text);

/// The code point that starts at byte `at`; moves `at` behind it. The text must be well formed.
char32_t next_code_point(std::string_view text, std::size_t& at);

/// The code point that starts at byte `at`.
char32_t code_point_at(std::string_view text, std::size_t at);

/// The code point that ends at byte `end`, which is not 0; moves `end` to where it begins.
char32_t previous_code_point(std::string_view text, std::size_t& end);

/// Appends the UTF-8 form of one Unicode scalar value.
void append_utf8(std::string& out, char32_t code_point);

/// The bytes as text, each maximal part of an ill-formed sequence replaced by one U+FFFD (the practice that
/// the Unicode standard recommends in section 3.9, and that Rust's from_utf8_lossy follows).
std::string replace_invalid_utf8(std::string_view bytes);

}  // namespace ttx::hf
