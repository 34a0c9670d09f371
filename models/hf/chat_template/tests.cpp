// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/tests.hpp"

#include <map>

#include "models/hf/chat_template/code_points.hpp"
#include "models/hf/chat_template/operators.hpp"
#include "models/hf/chat_template/python_text.hpp"

namespace ttx::hf::jinja {
namespace {

const Value& other(const Arguments& arguments) { return arguments.at(0, "other", "a test"); }

bool is_in(const Value& value, const Arguments& arguments) { return contains(other(arguments), value); }

bool is_boolean(const Value& value, bool wanted) {
  return value.boolean() != nullptr && *value.boolean() == wanted;
}

bool has_rest(const Value& value, std::int64_t divisor, std::int64_t rest) {
  return equal(modulo(value, divisor), rest);
}

bool is_same(const Value& value, const Arguments& arguments) {
  return value.kind() == other(arguments).kind() && equal(value, other(arguments));
}

using Tests = std::map<std::string_view, Test>;

const Tests& tests() {
  static const Tests kTests = [] {
    Tests all = {
        {"defined", [](const Value& v, const Arguments&) { return !v.is_undefined(); }},
        {"undefined", [](const Value& v, const Arguments&) { return v.is_undefined(); }},
        {"none", [](const Value& v, const Arguments&) { return v.is_none(); }},
        {"string", [](const Value& v, const Arguments&) { return v.text() != nullptr; }},
        {"number", [](const Value& v, const Arguments&) { return v.is_number(); }},
        {"integer", [](const Value& v, const Arguments&) { return v.integer() != nullptr; }},
        {"float", [](const Value& v, const Arguments&) { return v.real() != nullptr; }},
        {"boolean", [](const Value& v, const Arguments&) { return v.boolean() != nullptr; }},
        {"true", [](const Value& v, const Arguments&) { return is_boolean(v, true); }},
        {"false", [](const Value& v, const Arguments&) { return is_boolean(v, false); }},
        {"mapping", [](const Value& v, const Arguments&) { return v.dict() != nullptr; }},
        {"iterable",
         [](const Value& v, const Arguments&) {
           return v.text() != nullptr || v.list() != nullptr || v.dict() != nullptr || v.is_undefined();
         }},
        {"sequence",
         [](const Value& v, const Arguments&) {
           return v.text() != nullptr || v.list() != nullptr || v.dict() != nullptr || v.is_undefined();
         }},
        {"callable", [](const Value& v, const Arguments&) { return v.callable() != nullptr; }},
        {"in", is_in},
        {"sameas", is_same},
        {"eq", [](const Value& v, const Arguments& a) { return equal(v, other(a)); }},
        {"ne", [](const Value& v, const Arguments& a) { return !equal(v, other(a)); }},
        {"lt", [](const Value& v, const Arguments& a) { return less(v, other(a)); }},
        {"le", [](const Value& v, const Arguments& a) { return !less(other(a), v); }},
        {"gt", [](const Value& v, const Arguments& a) { return less(other(a), v); }},
        {"ge", [](const Value& v, const Arguments& a) { return !less(v, other(a)); }},
        {"odd", [](const Value& v, const Arguments&) { return has_rest(v, 2, 1); }},
        {"even", [](const Value& v, const Arguments&) { return has_rest(v, 2, 0); }},
        {"divisibleby",
         [](const Value& v, const Arguments& a) { return equal(modulo(v, other(a)), std::int64_t{0}); }},
        {"lower",
         [](const Value& v, const Arguments&) { return lower(str(v)) == str(v) && upper(str(v)) != str(v); }},
        {"upper",
         [](const Value& v, const Arguments&) { return upper(str(v)) == str(v) && lower(str(v)) != str(v); }},
    };
    for (const auto& [name, same] :
         {std::pair("eq", "equalto"), std::pair("eq", "=="), std::pair("ne", "!="),
          std::pair("lt", "lessthan"), std::pair("lt", "<"), std::pair("le", "<="),
          std::pair("gt", "greaterthan"), std::pair("gt", ">"), std::pair("ge", ">=")}) {
      all[same] = all[name];
    }
    return all;
  }();
  return kTests;
}

}  // namespace

Test find_test(std::string_view name) {
  const auto found = tests().find(name);
  return found == tests().end() ? nullptr : found->second;
}

}  // namespace ttx::hf::jinja
