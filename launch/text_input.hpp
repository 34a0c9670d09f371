// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::launch {

/// What a filter reads, and how messages name it.
struct TextInput {
  std::string name;  ///< the file as given, or "standard input"
  std::string text;  ///< every byte of it
};

/// A file, a pipe, or standard input for "-". Throws Error naming it and the reason.
TextInput read_input(const std::string& file);

/// The lines of a text without their line feeds; a carriage return stays. A last line without a line feed
/// counts, an empty one does not: "a\n\nb" and "a\n\nb\n" are both "a", "", "b".
std::vector<std::string_view> cut_lines(std::string_view text);

/// Throws Error naming the input, the byte, its offset and line unless all of it is UTF-8.
void check_utf8(const TextInput& input);

/// Token ids, separated by spaces, line ends or commas, with or without a pair of square brackets around
/// all. `name` is for messages. Throws Error on anything else; the ids may be out of every range.
std::vector<std::int64_t> parse_ids(std::string_view text, const std::string& name);

}  // namespace ttx::launch
