// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/loop.hpp"

#include <algorithm>
#include <memory>

#include <fmt/format.h>

namespace ttx::hf::jinja {

Value loop_variable(const List& values, std::size_t i) {
  auto loop = std::make_shared<Namespace>();
  Dict& attributes = loop->attributes;
  const std::size_t size = values.size();
  const auto number = [](std::size_t count) { return static_cast<std::int64_t>(count); };
  attributes.set("index", number(i + 1));
  attributes.set("index0", number(i));
  attributes.set("revindex", number(size - i));
  attributes.set("revindex0", number(size - i - 1));
  attributes.set("first", i == 0);
  attributes.set("last", i + 1 == size);
  attributes.set("length", number(size));
  attributes.set("depth", std::int64_t{1});
  attributes.set("depth0", std::int64_t{0});
  if (i > 0) {
    attributes.set("previtem", values[i - 1]);
  }
  if (i + 1 < size) {
    attributes.set("nextitem", values[i + 1]);
  }
  attributes.set("cycle", Callable{[i](const Arguments& arguments) {
                   if (arguments.positional.empty()) {
                     throw Problem("loop.cycle: got no values");
                   }
                   return arguments.positional[i % arguments.positional.size()];
                 }});
  return loop;
}

void bind(Scope& scope, const std::vector<std::string>& names, const Value& value) {
  if (names.size() == 1) {
    scope.set(names.front(), value);
    return;
  }
  const List parts = elements(value);
  if (parts.size() != names.size()) {
    throw Problem(fmt::format("got {} values for {} names", parts.size(), names.size()));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    scope.set(names[i], parts[i]);
  }
}

void bind_parameters(Scope& scope, const std::string& macro,
                     const std::vector<std::pair<std::string, Expression>>& parameters,
                     const Arguments& arguments) {
  if (arguments.positional.size() > parameters.size()) {
    throw Problem(fmt::format("macro {}: got {} arguments, expected at most {}", macro,
                              arguments.positional.size(), parameters.size()));
  }
  for (const auto& named : arguments.named) {
    if (std::none_of(parameters.begin(), parameters.end(),
                     [&](const auto& parameter) { return parameter.first == named.first; })) {
      throw Problem(fmt::format("macro {}: got argument '{}', which it does not have", macro, named.first));
    }
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, otherwise] = parameters[i];
    if (const Value* given = arguments.find(i, name)) {
      scope.set(name, *given);
    } else {
      scope.set(name, otherwise ? otherwise(scope) : Value(Undefined{name}));
    }
  }
}

}  // namespace ttx::hf::jinja
