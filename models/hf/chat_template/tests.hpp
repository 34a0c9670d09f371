// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// What stands behind "is". Throws Problem for values it is not made for.
using Test = bool (*)(const Value& value, const Arguments& arguments);

/// Jinja's test of this name; nullptr when there is none.
Test find_test(std::string_view name);

}  // namespace ttx::hf::jinja
