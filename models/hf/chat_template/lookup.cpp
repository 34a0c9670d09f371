// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/lookup.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "models/hf/chat_template/code_points.hpp"
#include "models/hf/chat_template/methods.hpp"
#include "models/hf/chat_template/python_text.hpp"

namespace ttx::hf::jinja {
namespace {

void require_defined(const Value& value) {
  if (value.is_undefined()) {
    throw Problem(fmt::format("'{}' is undefined", value.undefined()->name));
  }
}

const Value* member(const Value& value, const std::string& name) {
  if (value.dict() != nullptr) {
    return value.dict()->find(name);
  }
  return value.space() != nullptr ? value.space()->attributes.find(name) : nullptr;
}

Value element(const Value& value, std::int64_t index) {
  const std::int64_t size = length(value);
  index += index < 0 ? size : 0;
  if (index < 0 || index >= size) {
    return Undefined{fmt::format("element {}", index)};
  }
  const auto at = static_cast<std::size_t>(index);
  return value.list() != nullptr ? (*value.list())[at] : elements(value)[at];
}

std::optional<std::int64_t> bound(const Value& value) {
  if (value.is_none()) {
    return std::nullopt;
  }
  if (!value.is_whole()) {
    throw Problem(fmt::format("a slice's bound: got {}, expected an integer", value.kind()));
  }
  return value.whole();
}

}  // namespace

Value attribute(const Value& value, const std::string& name) {
  require_defined(value);
  if (auto method = method_of(value, name)) {
    return *std::move(method);
  }
  if (const Value* found = member(value, name)) {
    return *found;
  }
  return Undefined{name};
}

Value subscript(const Value& value, const Value& key) {
  require_defined(value);
  if (key.is_whole() && (value.list() != nullptr || value.text() != nullptr)) {
    return element(value, key.whole());
  }
  if (key.text() == nullptr) {
    return Undefined{str(key)};
  }
  if (const Value* found = member(value, *key.text())) {
    return *found;
  }
  return attribute(value, *key.text());
}

Value slice(const Value& value, const Value& start, const Value& stop, const Value& step) {
  require_defined(value);
  if (value.list() == nullptr && value.text() == nullptr) {
    throw Problem(fmt::format("a slice: got {}, expected a list or a text", value.kind()));
  }
  const List all = elements(value);
  const auto size = static_cast<std::int64_t>(all.size());
  const std::int64_t stride = bound(step).value_or(1);
  if (stride == 0) {
    throw Problem("a slice's step: got 0, expected another number");
  }
  const std::int64_t low = stride > 0 ? 0 : -1;  // where a bound may lie
  const std::int64_t high = stride > 0 ? size : size - 1;
  const auto place = [&](const Value& given, std::int64_t otherwise) {
    const auto at = bound(given);
    return at ? std::clamp(*at + (*at < 0 ? size : 0), low, high) : otherwise;
  };
  const std::int64_t begin = place(start, stride > 0 ? low : high);
  const std::int64_t end = place(stop, stride > 0 ? high : low);
  List picked;
  std::string text;
  for (std::int64_t at = begin; stride > 0 ? at < end : at > end;) {
    const Value& one = all[static_cast<std::size_t>(at)];
    if (value.text() != nullptr) {
      text += *one.text();
    } else {
      picked.push_back(one);
    }
    if (__builtin_add_overflow(at, stride, &at)) {
      break;
    }
  }
  return value.text() != nullptr ? Value(std::move(text))
         : value.is_tuple()      ? Value(Tuple{std::move(picked)})
                                 : Value(std::move(picked));
}

std::int64_t length(const Value& value) {
  std::size_t size = 0;
  if (value.text() != nullptr) {
    size = code_points(*value.text()).size();
  } else if (value.list() != nullptr) {
    size = value.list()->size();
  } else if (value.dict() != nullptr) {
    size = value.dict()->members().size();
  } else if (!value.is_undefined()) {
    throw Problem(fmt::format("a value has no length: got {}", value.kind()));
  }
  return static_cast<std::int64_t>(size);
}

}  // namespace ttx::hf::jinja
