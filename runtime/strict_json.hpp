// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace ttx {

/// Parses one JSON text (UTF-8). Stricter than the library alone: a key that occurs twice in one object,
/// nesting deeper than 100, a NUL byte and a byte order mark are refused too. Integers of up to 64 bits stay
/// integers, longer ones become doubles. Throws Error (kCheckpoint) `[op] file: ...` with the place in the
/// text; `file` only serves this message.
nlohmann::json parse_strict_json(std::string_view text, std::string_view op, std::string_view file);

}  // namespace ttx
