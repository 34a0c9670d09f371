// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string_view>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

using Method = Value (*)(const Value& self, const Arguments& arguments);
using Methods = std::map<std::string_view, Method>;

/// The methods of Python's str by name; the first argument is a text.
const Methods& text_methods();

}  // namespace ttx::hf::jinja
