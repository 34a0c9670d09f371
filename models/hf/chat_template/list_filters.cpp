// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/list_filters.hpp"

#include <algorithm>
#include <map>
#include <string>

#include <fmt/format.h>

#include "models/hf/chat_template/code_points.hpp"
#include "models/hf/chat_template/lookup.hpp"
#include "models/hf/chat_template/methods.hpp"
#include "models/hf/chat_template/operators.hpp"
#include "models/hf/chat_template/python_text.hpp"
#include "models/hf/chat_template/tests.hpp"

namespace ttx::hf::jinja {
namespace {

/// "a.b.0" of a value.
Value attribute_path(Value value, const Value& path) {
  for (const std::string& name : split_at(str(path), ".", -1, Side::kLeft)) {
    const bool is_index = !name.empty() && name.find_first_not_of("0123456789") == std::string::npos;
    value = is_index && name.size() < 10 ? subscript(value, static_cast<std::int64_t>(std::stoi(name)))
                                         : subscript(value, name);
  }
  return value;
}

Arguments without_first(const Arguments& arguments, std::size_t count) {
  const std::size_t skipped = std::min(count, arguments.positional.size());
  return {
      List(arguments.positional.begin() + static_cast<std::ptrdiff_t>(skipped), arguments.positional.end()),
      arguments.named};
}

/// map("upper"), map(attribute="name", default=..).
Value map(const Value& value, const Arguments& arguments) {
  const Value* path = arguments.positional.empty() ? arguments.find(0, "attribute") : nullptr;
  const Value* otherwise = arguments.find(arguments.positional.size(), "default");
  const Filter filter = path == nullptr ? find_filter(str(arguments.at(0, "filter", "map"))) : nullptr;
  if (path == nullptr && filter == nullptr) {
    throw Problem(fmt::format("map: there is no filter '{}'", str(arguments.positional[0])));
  }
  List mapped;
  for (const Value& one : elements(value)) {
    Value made = path == nullptr ? filter(one, without_first(arguments, 1)) : attribute_path(one, *path);
    if (made.is_undefined() && otherwise != nullptr) {
      made = *otherwise;
    }
    mapped.push_back(std::move(made));
  }
  return mapped;
}

/// select, reject, selectattr and rejectattr: elements for which a test holds, of themselves or an attribute.
template <bool kAttribute, bool kWanted>
Value pick(const Value& value, const Arguments& arguments) {
  constexpr std::size_t kTestAt = kAttribute ? 1 : 0;
  const Value* name = kTestAt < arguments.positional.size() ? &arguments.positional[kTestAt] : nullptr;
  const Test test = name == nullptr ? nullptr : find_test(str(*name));
  if (name != nullptr && test == nullptr) {
    throw Problem(fmt::format("there is no test '{}'", str(*name)));
  }
  const Arguments others = without_first(arguments, kTestAt + 1);
  List picked;
  for (const Value& one : elements(value)) {
    const Value tested = kAttribute ? attribute_path(one, arguments.at(0, "attribute", "selectattr")) : one;
    if ((test == nullptr ? tested.truth() : test(tested, others)) == kWanted) {
      picked.push_back(one);
    }
  }
  return picked;
}

Value join(const Value& value, const Arguments& arguments) {
  const Value* separator = arguments.find(0, "d");
  const Value* path = arguments.find(1, "attribute");
  std::string text;
  bool first = true;
  for (const Value& one : elements(value)) {
    text += first || separator == nullptr ? std::string() : str(*separator);
    text += str(path == nullptr ? one : attribute_path(one, *path));
    first = false;
  }
  return text;
}

Value reverse(const Value& value, const Arguments& /*arguments*/) {
  return slice(value.text() != nullptr ? value : Value(elements(value)), None{}, None{}, std::int64_t{-1});
}

/// What an element is ordered by; texts in lower case unless the filter tells cases apart.
Value order_key(const Value& one, const Arguments& arguments, std::size_t case_at, std::size_t path_at) {
  const Value* path = arguments.find(path_at, "attribute");
  const Value* keeps_case = arguments.find(case_at, "case_sensitive");
  Value key = path == nullptr || path->is_none() ? one : attribute_path(one, *path);
  const bool lowers = key.text() != nullptr && (keeps_case == nullptr || !keeps_case->truth());
  return lowers ? Value(lower(*key.text())) : key;
}

Value sort(const Value& value, const Arguments& arguments) {
  List list = elements(value);
  const Value* backwards = arguments.find(0, "reverse");
  const bool descending = backwards != nullptr && backwards->truth();
  std::stable_sort(list.begin(), list.end(), [&](const Value& a, const Value& b) {
    const Value left = order_key(a, arguments, 1, 2);
    const Value right = order_key(b, arguments, 1, 2);
    return descending ? less(right, left) : less(left, right);
  });
  return list;
}

Value unique(const Value& value, const Arguments& arguments) {
  List kept;
  List keys;
  for (const Value& one : elements(value)) {
    Value key = order_key(one, arguments, 0, 1);
    if (!contains(keys, key)) {
      keys.push_back(std::move(key));
      kept.push_back(one);
    }
  }
  return kept;
}

template <bool kGreatest>
Value extreme(const Value& value, const Arguments& arguments) {
  Value best = Undefined{"the extreme of an empty list"};
  for (const Value& one : elements(value)) {
    const Value key = order_key(one, arguments, 0, 1);
    if (best.is_undefined() || (kGreatest ? less(order_key(best, arguments, 0, 1), key)
                                          : less(key, order_key(best, arguments, 0, 1)))) {
      best = one;
    }
  }
  return best;
}

Value sum(const Value& value, const Arguments& arguments) {
  const Value* path = arguments.find(0, "attribute");
  const Value* start = arguments.find(1, "start");
  Value total = start == nullptr ? Value(std::int64_t{0}) : *start;
  for (const Value& one : elements(value)) {
    total = add(total, path == nullptr || path->is_none() ? one : attribute_path(one, *path));
  }
  return total;
}

template <bool kLast>
Value end_of(const Value& value, const Arguments& /*arguments*/) {
  const List list = elements(value);
  return list.empty() ? Value(Undefined{"an element of an empty list"}) : kLast ? list.back() : list.front();
}

Value items(const Value& value, const Arguments& /*arguments*/) {
  if (value.is_undefined()) {
    return List();
  }
  if (value.dict() == nullptr) {
    throw Problem(fmt::format("items: got {}, expected a dictionary", value.kind()));
  }
  return method_of(value, "items")->callable()->call({});
}

/// Pairs by key; dictsort(by="value") is not there.
Value sorted_items(const Value& value, const Arguments& arguments) {
  if (arguments.find(1, "by") != nullptr) {
    throw Problem("dictsort: sorting by value is not supported");
  }
  List pairs = *items(value, {}).list();
  const Value* backwards = arguments.find(2, "reverse");
  const auto key = [&](const Value& pair) { return order_key((*pair.list())[0], arguments, 0, 3); };
  std::stable_sort(pairs.begin(), pairs.end(), [&](const Value& a, const Value& b) {
    return backwards != nullptr && backwards->truth() ? less(key(b), key(a)) : less(key(a), key(b));
  });
  return pairs;
}

}  // namespace

Filter find_list_filter(std::string_view name) {
  static const std::map<std::string_view, Filter> kFilters = {
      {"map", map},
      {"select", pick<false, true>},
      {"reject", pick<false, false>},
      {"selectattr", pick<true, true>},
      {"rejectattr", pick<true, false>},
      {"join", join},
      {"reverse", reverse},
      {"sort", sort},
      {"unique", unique},
      {"min", extreme<false>},
      {"max", extreme<true>},
      {"sum", sum},
      {"first", end_of<false>},
      {"last", end_of<true>},
      {"items", items},
      {"dictsort", sorted_items},
      {"list", [](const Value& value, const Arguments&) { return Value(elements(value)); }},
  };
  const auto found = kFilters.find(name);
  return found == kFilters.end() ? nullptr : found->second;
}

}  // namespace ttx::hf::jinja
