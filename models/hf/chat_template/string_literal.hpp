// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace ttx::hf::jinja {

/// The text that a quoted string at the beginning of `source` stands for, with Python's escapes, and the
/// bytes it takes there. Throws ttx::Error (kCheckpoint) when it has no end or an escape is broken.
std::pair<std::string, std::size_t> read_string_literal(std::string_view source, std::size_t line);

}  // namespace ttx::hf::jinja
