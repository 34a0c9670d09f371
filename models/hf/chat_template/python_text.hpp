// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// Python's str(): what an expression writes. What is undefined is empty.
std::string str(const Value& value);

/// Python's repr(), which str() uses for what a list or dictionary holds.
std::string repr(const Value& value);

/// How Python's json.dumps writes.
struct JsonStyle {
  std::optional<std::string> indent;  ///< of one level; without it all on one line
  std::string item_separator = ", ";
  std::string key_separator = ": ";
  bool ascii = false;
  bool sort_keys = false;
};

/// Python's json.dumps(). Throws Problem for what JSON has no form for.
std::string json_text(const Value& value, const JsonStyle& style);

}  // namespace ttx::hf::jinja
