// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// Python's operators. All throw Problem for values that they are not made for.
Value add(const Value& a, const Value& b);
Value subtract(const Value& a, const Value& b);
Value multiply(const Value& a, const Value& b);
Value divide(const Value& a, const Value& b);
Value floor_divide(const Value& a, const Value& b);
Value modulo(const Value& a, const Value& b);
Value power(const Value& a, const Value& b);
Value negate(const Value& a);

/// Python's `item in where`: an element of a list, a part of a text, a key of a dictionary.
bool contains(const Value& where, const Value& item);

}  // namespace ttx::hf::jinja
