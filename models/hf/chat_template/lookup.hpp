// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// `value.name`: a method or attribute, else the member of that name; undefined where there is neither.
/// Throws Problem when the value is itself undefined.
Value attribute(const Value& value, const std::string& name);

/// `value[key]`: a member or element, else a method of that name; undefined where there is none. Throws
/// Problem when the value is itself undefined.
Value subscript(const Value& value, const Value& key);

/// `value[start:stop:step]` of a list or a text, each bound none or an integer. Throws Problem for others.
Value slice(const Value& value, const Value& start, const Value& stop, const Value& step);

/// Number of elements, characters or members. Throws Problem for values that have no length.
std::int64_t length(const Value& value);

}  // namespace ttx::hf::jinja
