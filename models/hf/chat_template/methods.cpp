// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/methods.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "models/hf/chat_template/python_text.hpp"
#include "models/hf/chat_template/text_methods.hpp"

namespace ttx::hf::jinja {
namespace {

Value get(const Value& self, const Arguments& arguments) {
  const Value& key = arguments.at(0, "key", "get");
  const Value* found = key.text() == nullptr ? nullptr : self.dict()->find(*key.text());
  const Value* otherwise = arguments.find(1, "default");
  return found != nullptr ? *found : otherwise != nullptr ? *otherwise : Value(None{});
}

Value items(const Value& self, const Arguments& /*arguments*/) {
  List list;
  for (const auto& [key, value] : self.dict()->members()) {
    list.emplace_back(Tuple{{key, value}});
  }
  return list;
}

Value values(const Value& self, const Arguments& /*arguments*/) {
  List list;
  for (const auto& member : self.dict()->members()) {
    list.push_back(member.second);
  }
  return list;
}

const Methods& dict_methods() {
  static const Methods kMethods = {
      {"get", get},
      {"items", items},
      {"values", values},
      {"keys", [](const Value& self, const Arguments&) { return Value(elements(self)); }},
  };
  return kMethods;
}

Value index_of(const Value& self, const Arguments& arguments) {
  const Value& wanted = arguments.at(0, "value", "index");
  const List& list = *self.list();
  const auto found =
      std::find_if(list.begin(), list.end(), [&](const Value& one) { return equal(one, wanted); });
  if (found == list.end()) {
    throw Problem(fmt::format("index: {} is not in the list", repr(wanted)));
  }
  return static_cast<std::int64_t>(found - list.begin());
}

Value count_in(const Value& self, const Arguments& arguments) {
  const Value& wanted = arguments.at(0, "value", "count");
  return static_cast<std::int64_t>(std::count_if(self.list()->begin(), self.list()->end(),
                                                 [&](const Value& one) { return equal(one, wanted); }));
}

const Methods& list_methods() {
  static const Methods kMethods = {{"index", index_of}, {"count", count_in}};
  return kMethods;
}

}  // namespace

std::optional<Value> method_of(const Value& value, std::string_view name) {
  const Methods* methods = value.text() != nullptr   ? &text_methods()
                           : value.dict() != nullptr ? &dict_methods()
                           : value.list() != nullptr ? &list_methods()
                                                     : nullptr;
  if (methods == nullptr) {
    return std::nullopt;
  }
  const auto found = methods->find(name);
  if (found == methods->end()) {
    return std::nullopt;
  }
  return Value(Callable{
      [value, method = found->second](const Arguments& arguments) { return method(value, arguments); }});
}

}  // namespace ttx::hf::jinja
