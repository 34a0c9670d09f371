// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/value.hpp"

#include <algorithm>
#include <cstdint>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "models/hf/chat_template/code_points.hpp"

namespace ttx::hf::jinja {

const Value* Arguments::find(std::size_t index, std::string_view name) const {
  if (index < positional.size()) {
    return &positional[index];
  }
  for (const auto& [known, value] : named) {
    if (known == name) {
      return &value;
    }
  }
  return nullptr;
}

const Value& Arguments::at(std::size_t index, std::string_view name, std::string_view what) const {
  const Value* value = find(index, name);
  if (value == nullptr) {
    throw Problem(fmt::format("{}: got no argument '{}', expected one", what, name));
  }
  return *value;
}

const Value* Dict::find(std::string_view key) const {
  for (const auto& [known, value] : members_) {
    if (known == key) {
      return &value;
    }
  }
  return nullptr;
}

void Dict::set(const std::string& key, Value value) {
  for (auto& [known, old] : members_) {
    if (known == key) {
      old = std::move(value);
      return;
    }
  }
  members_.emplace_back(key, std::move(value));
}

Value Value::from_json(const nlohmann::ordered_json& json) {
  switch (json.type()) {
    case nlohmann::json::value_t::boolean:
      return json.get<bool>();
    case nlohmann::json::value_t::number_integer:
      return json.get<std::int64_t>();
    case nlohmann::json::value_t::number_unsigned:
      return json.get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)
                 ? Value(json.get<std::int64_t>())
                 : Value(json.get<double>());
    case nlohmann::json::value_t::number_float:
      return json.get<double>();
    case nlohmann::json::value_t::string:
      return json.get<std::string>();
    case nlohmann::json::value_t::array: {
      List list;
      for (const auto& element : json) {
        list.push_back(from_json(element));
      }
      return list;
    }
    case nlohmann::json::value_t::object: {
      Dict dict;
      for (const auto& member : json.items()) {
        dict.set(member.key(), from_json(member.value()));
      }
      return dict;
    }
    default:
      return None{};
  }
}

const List* Value::list() const {
  if (const auto* tuple = std::get_if<std::shared_ptr<const Tuple>>(&value_)) {
    return &(*tuple)->list;
  }
  const auto* list = std::get_if<std::shared_ptr<const List>>(&value_);
  return list == nullptr ? nullptr : list->get();
}
const Dict* Value::dict() const {
  const auto* dict = std::get_if<std::shared_ptr<const Dict>>(&value_);
  return dict == nullptr ? nullptr : dict->get();
}
Namespace* Value::space() const {
  const auto* space = std::get_if<std::shared_ptr<Namespace>>(&value_);
  return space == nullptr ? nullptr : space->get();
}
const Callable* Value::callable() const {
  const auto* callable = std::get_if<std::shared_ptr<const Callable>>(&value_);
  return callable == nullptr ? nullptr : callable->get();
}

std::int64_t Value::whole() const {
  return boolean() != nullptr ? std::int64_t{*boolean() ? 1 : 0} : *integer();
}

double Value::number() const { return real() != nullptr ? *real() : static_cast<double>(whole()); }

bool Value::truth() const {
  if (is_number()) {
    return number() != 0;
  }
  if (text() != nullptr) {
    return !text()->empty();
  }
  if (list() != nullptr) {
    return !list()->empty();
  }
  if (dict() != nullptr) {
    return !dict()->members().empty();
  }
  return space() != nullptr || callable() != nullptr;
}

std::string_view Value::kind() const {
  constexpr std::string_view kNames[] = {"undefined", "None", "bool",      "int",      "float", "str",
                                         "list",      "dict", "namespace", "function", "tuple"};
  return kNames[value_.index()];
}

bool holds_reference(const Value& value) {
  if (value.list() != nullptr) {
    return std::any_of(value.list()->begin(), value.list()->end(), holds_reference);
  }
  if (value.dict() != nullptr) {
    return std::any_of(value.dict()->members().begin(), value.dict()->members().end(),
                       [](const auto& member) { return holds_reference(member.second); });
  }
  return value.space() != nullptr || value.callable() != nullptr;
}

bool equal(const Value& a, const Value& b) {
  if (a.is_whole() && b.is_whole()) {
    return a.whole() == b.whole();
  }
  if (a.is_number() && b.is_number()) {
    return a.number() == b.number();
  }
  if (a.text() != nullptr && b.text() != nullptr) {
    return *a.text() == *b.text();
  }
  if (a.list() != nullptr && b.list() != nullptr) {
    return a.is_tuple() == b.is_tuple() &&
           std::equal(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(), equal);
  }
  if (a.dict() != nullptr && b.dict() != nullptr) {
    const auto& members = a.dict()->members();
    return members.size() == b.dict()->members().size() &&
           std::all_of(members.begin(), members.end(), [&](const auto& member) {
             const Value* other = b.dict()->find(member.first);
             return other != nullptr && equal(member.second, *other);
           });
  }
  if (a.space() != nullptr || a.callable() != nullptr) {
    return a.space() == b.space() && a.callable() == b.callable();
  }
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

bool less(const Value& a, const Value& b) {
  if (a.is_whole() && b.is_whole()) {
    return a.whole() < b.whole();
  }
  if (a.is_number() && b.is_number()) {
    return a.number() < b.number();
  }
  if (a.list() != nullptr && b.list() != nullptr && a.is_tuple() == b.is_tuple()) {
    const auto [left, right] =
        std::mismatch(a.list()->begin(), a.list()->end(), b.list()->begin(), b.list()->end(), equal);
    return right != b.list()->end() && (left == a.list()->end() || less(*left, *right));
  }
  if (a.text() == nullptr || b.text() == nullptr) {
    throw Problem(fmt::format("values cannot be ordered: got {} and {}, expected two numbers or two texts",
                              a.kind(), b.kind()));
  }
  return *a.text() < *b.text();  // UTF-8 sorts as its code points do
}

List elements(const Value& value) {
  if (value.list() != nullptr) {
    return *value.list();
  }
  List list;
  if (value.text() != nullptr) {
    for (const char32_t c : code_points(*value.text())) {
      list.emplace_back(utf8_of({&c, 1}));
    }
    return list;
  }
  if (value.dict() != nullptr) {
    for (const auto& member : value.dict()->members()) {
      list.emplace_back(member.first);
    }
    return list;
  }
  if (!value.is_undefined()) {
    throw Problem(fmt::format(
        "a value cannot be gone through: got {}, expected a list, a text or a dictionary", value.kind()));
  }
  return list;
}

}  // namespace ttx::hf::jinja
