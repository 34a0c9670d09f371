// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// What stands behind "|". Throws Problem for values it is not made for.
using Filter = Value (*)(const Value& value, const Arguments& arguments);

/// Jinja's filter of this name, and tojson as transformers has it; nullptr when there is none.
Filter find_filter(std::string_view name);

}  // namespace ttx::hf::jinja
