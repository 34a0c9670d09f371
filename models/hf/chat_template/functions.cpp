// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/functions.hpp"

#include <array>
#include <ctime>
#include <string>

#include <fmt/format.h>

#include "models/hf/chat_template/python_text.hpp"

namespace ttx::hf::jinja {
namespace {

constexpr std::int64_t kMostNumbers = 100000;  // as Jinja's sandbox allows

Value range(const Arguments& arguments) {
  std::array<std::int64_t, 3> bounds = {0, 0, 1};
  const std::size_t count = arguments.positional.size();
  if (count < 1 || count > 3) {
    throw Problem(fmt::format("range: got {} arguments, expected 1 to 3", count));
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (!arguments.positional[i].is_whole()) {
      throw Problem(fmt::format("range: got {}, expected integers", arguments.positional[i].kind()));
    }
    bounds[count == 1 ? 1 : i] = arguments.positional[i].whole();
  }
  const auto [begin, end, step] = bounds;
  if (step == 0) {
    throw Problem("range: got step 0, expected another number");
  }
  List numbers;
  for (std::int64_t at = begin; step > 0 ? at < end : at > end;) {
    if (static_cast<std::int64_t>(numbers.size()) == kMostNumbers) {
      throw Problem(fmt::format("range: expected at most {} numbers", kMostNumbers));
    }
    numbers.emplace_back(at);
    if (__builtin_add_overflow(at, step, &at)) {
      break;
    }
  }
  return numbers;
}

/// The members of dictionaries given first, then those named.
Dict members(const Arguments& arguments) {
  Dict dict;
  for (const Value& value : arguments.positional) {
    if (value.dict() == nullptr) {
      throw Problem(fmt::format("dict: got {}, expected a dictionary", value.kind()));
    }
    for (const auto& [key, member] : value.dict()->members()) {
      dict.set(key, member);
    }
  }
  for (const auto& [key, member] : arguments.named) {
    dict.set(key, member);
  }
  return dict;
}

Value make_namespace(const Arguments& arguments) {
  auto space = std::make_shared<Namespace>();
  space->attributes = members(arguments);
  return space;
}

Value raise_exception(const Arguments& arguments) {
  throw Problem(fmt::format("the template refuses these messages: got \"{}\"",
                            str(arguments.at(0, "message", "raise_exception"))));
}

Value strftime_now(const Arguments& arguments) {
  const std::string format = str(arguments.at(0, "format", "strftime_now"));
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  // A character of the format may become a long name; the text may also be empty, which looks like a failure.
  std::string text(format.size() * 64 + 64, '\0');
  text.resize(std::strftime(text.data(), text.size(), format.c_str(), &local));
  return text;
}

}  // namespace

Dict template_functions() {
  Dict functions;
  functions.set("range", Callable{range});
  functions.set("dict", Callable{[](const Arguments& arguments) { return Value(members(arguments)); }});
  functions.set("namespace", Callable{make_namespace});
  functions.set("raise_exception", Callable{raise_exception});
  functions.set("strftime_now", Callable{strftime_now});
  return functions;
}

}  // namespace ttx::hf::jinja
