// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/filters.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <system_error>

#include <fmt/format.h>

#include "models/hf/chat_template/code_points.hpp"
#include "models/hf/chat_template/list_filters.hpp"
#include "models/hf/chat_template/lookup.hpp"
#include "models/hf/chat_template/methods.hpp"
#include "models/hf/chat_template/operators.hpp"
#include "models/hf/chat_template/python_text.hpp"

namespace ttx::hf::jinja {
namespace {

bool flag(const Arguments& arguments, std::size_t index, std::string_view name, bool otherwise) {
  const Value* value = arguments.find(index, name);
  return value == nullptr ? otherwise : value->truth();
}

Value to_json(const Value& value, const Arguments& arguments) {
  JsonStyle style;
  style.ascii = flag(arguments, 0, "ensure_ascii", false);
  style.sort_keys = flag(arguments, 3, "sort_keys", false);
  const Value* indent = arguments.find(1, "indent");
  if (indent != nullptr && !indent->is_none()) {
    style.indent = indent->text() != nullptr
                       ? *indent->text()
                       : std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(
                                         indent->is_whole() ? indent->whole() : 0, 0, 100)),
                                     ' ');
    style.item_separator = ",";
  }
  const Value* separators = arguments.find(2, "separators");
  if (separators != nullptr && !separators->is_none()) {
    const List both = elements(*separators);
    if (both.size() != 2) {
      throw Problem("tojson: separators are two texts");
    }
    style.item_separator = str(both[0]);
    style.key_separator = str(both[1]);
  }
  return json_text(value, style);
}

/// A filter that does what the method of a text does.
template <const char* kName>
Value by_method(const Value& value, const Arguments& arguments) {
  return method_of(Value(str(value)), kName)->callable()->call(arguments);
}
constexpr char kTrim[] = "strip";
constexpr char kCapitalize[] = "capitalize";

Value replace_text(const Value& value, const Arguments& arguments) {
  const Value* count = arguments.find(2, "count");
  return replace(str(value), str(arguments.at(0, "old", "replace")), str(arguments.at(1, "new", "replace")),
                 count != nullptr && count->is_whole() ? count->whole() : -1);
}

/// Each word with its first letter upper case and the others lower case.
Value title(const Value& value, const Arguments& /*arguments*/) {
  std::string out;
  std::string word;
  const auto end_word = [&] {
    out += *method_of(Value(word), kCapitalize)->callable()->call({}).text();
    word.clear();
  };
  for (const char32_t c : code_points(str(value))) {
    const bool is_border = is_space(c) || std::u32string_view(U"-({[<").find(c) != std::u32string_view::npos;
    if (is_border) {
      end_word();
    }
    (is_border ? out : word) += utf8_of({&c, 1});
  }
  end_word();
  return out;
}

Value otherwise(const Value& value, const Arguments& arguments) {
  const Value* given = arguments.find(0, "default_value");
  const bool replaces = value.is_undefined() || (flag(arguments, 1, "boolean", false) && !value.truth());
  return !replaces ? value : given == nullptr ? Value("") : *given;
}

/// Lines but the first one (with `first` true all) begin with that many spaces; empty ones only with `blank`.
Value indent(const Value& value, const Arguments& arguments) {
  const Value* width = arguments.find(0, "width");
  std::string space(4, ' ');
  if (width != nullptr && width->text() != nullptr) {
    space = *width->text();
  } else if (width != nullptr && width->is_whole()) {
    space.assign(static_cast<std::size_t>(std::clamp<std::int64_t>(width->whole(), 0, 1000)), ' ');
  }
  const bool first = flag(arguments, 1, "first", false);
  const bool blank = flag(arguments, 2, "blank", false);
  const auto lines = split_at(str(value), "\n", -1, Side::kLeft);
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const bool indents = i == 0 ? first : blank || !lines[i].empty();
    out += (i == 0 ? "" : "\n") + (indents ? space : std::string()) + lines[i];
  }
  return out;
}

template <typename Number>
bool read_number(const std::string& text, Number& number) {
  const std::string digits = strip(text, Side::kBoth, nullptr);
  const char* end = digits.data() + digits.size();
  const auto [stop, problem] = std::from_chars(digits.data(), end, number);
  return problem == std::errc() && stop == end;
}

Value to_int(const Value& value, const Arguments& arguments) {
  const Value* given = arguments.find(0, "default");
  const Value otherwise = given == nullptr ? Value(std::int64_t{0}) : *given;
  if (value.is_whole()) {
    return value.whole();
  }
  std::int64_t whole = 0;
  if (value.text() != nullptr && read_number(*value.text(), whole)) {
    return whole;
  }
  double real = 0;
  const bool known = value.real() != nullptr || (value.text() != nullptr && read_number(*value.text(), real));
  real = value.real() != nullptr ? *value.real() : real;
  return known && std::abs(real) < 9e18 ? Value(static_cast<std::int64_t>(real)) : otherwise;
}

Value to_float(const Value& value, const Arguments& arguments) {
  const Value* given = arguments.find(0, "default");
  double real = 0;
  if (value.is_number()) {
    return value.number();
  }
  if (value.text() != nullptr && read_number(*value.text(), real)) {
    return real;
  }
  return given == nullptr ? Value(0.0) : *given;
}

/// To so many digits, half to even as Python's round.
Value rounded(const Value& value, const Arguments& arguments) {
  const Value* precision = arguments.find(0, "precision");
  if (!value.is_number() || (precision != nullptr && !precision->is_whole())) {
    throw Problem(fmt::format("round: got {}, expected a number", value.kind()));
  }
  if (value.is_whole()) {
    return value;
  }
  const std::int64_t digits = precision == nullptr ? 0 : std::clamp<std::int64_t>(precision->whole(), 0, 17);
  return std::stod(fmt::format("{:.{}f}", value.number(), digits));
}

Value absolute(const Value& value, const Arguments& /*arguments*/) {
  return less(value, std::int64_t{0}) ? negate(value) : value;
}

using Filters = std::map<std::string_view, Filter>;

const Filters& filters() {
  static const Filters kFilters = [] {
    Filters all = {
        {"tojson", to_json},
        {"trim", by_method<kTrim>},
        {"capitalize", by_method<kCapitalize>},
        {"replace", replace_text},
        {"title", title},
        {"upper", [](const Value& value, const Arguments&) { return Value(upper(str(value))); }},
        {"lower", [](const Value& value, const Arguments&) { return Value(lower(str(value))); }},
        {"string", [](const Value& value, const Arguments&) { return Value(str(value)); }},
        {"safe", [](const Value& value, const Arguments&) { return Value(str(value)); }},
        {"length", [](const Value& value, const Arguments&) { return Value(length(value)); }},
        {"default", otherwise},
        {"indent", indent},
        {"int", to_int},
        {"float", to_float},
        {"round", rounded},
        {"abs", absolute},
    };
    all["count"] = all["length"];
    all["d"] = all["default"];
    return all;
  }();
  return kFilters;
}

}  // namespace

Filter find_filter(std::string_view name) {
  const auto found = filters().find(name);
  return found != filters().end() ? found->second : find_list_filter(name);
}

}  // namespace ttx::hf::jinja
