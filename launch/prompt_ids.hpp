// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace ttx::launch {

/// A JSON list of token ids, not empty. Each entry is taken as Python's int() takes it: a whole number, a
/// number with its fraction cut off, or a string of digits. Throws Error "--prompt_ids_file must contain a
/// JSON list of token ids ...".
std::vector<std::int32_t> parse_prompt_ids(std::string_view json, const std::string& file);

/// The whole content of a file, nothing stripped. Throws Error.
std::string read_text(const std::filesystem::path& file);

}  // namespace ttx::launch
