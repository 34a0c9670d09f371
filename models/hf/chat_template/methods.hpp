// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// A method of Python's str, dict or list, bound to the value; nothing when the value has none of that name.
/// Those that would change the value are not there, as in the sandbox that transformers renders in. Calls
/// throw Problem for wrong arguments.
std::optional<Value> method_of(const Value& value, std::string_view name);

}  // namespace ttx::hf::jinja
