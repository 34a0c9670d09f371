// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ttx::hf::jinja {

/// What is wrong with a template's work, for the statement that runs to complete with its line.
class Problem : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class Value;
using List = std::vector<Value>;

/// What a call is given.
struct Arguments {
  List positional;
  std::vector<std::pair<std::string, Value>> named;

  /// The argument number `index` or called `name`; nullptr when it is neither. Takes it off nothing.
  const Value* find(std::size_t index, std::string_view name) const;
  /// The same, which must be there; `what` names the function in the message.
  const Value& at(std::size_t index, std::string_view name, std::string_view what) const;
};

/// Members in the order in which they were set.
class Dict {
 public:
  const Value* find(std::string_view key) const;
  void set(const std::string& key, Value value);
  const std::vector<std::pair<std::string, Value>>& members() const { return members_; }

 private:
  std::vector<std::pair<std::string, Value>> members_;
};

/// What is not there; `name` says what was looked for.
struct Undefined {
  std::string name;
};
struct None {};
/// What namespace() makes, and `loop`: attributes, of which a template can set those of a namespace.
struct Namespace {
  Dict attributes;
};
struct Tuple {
  List list;
};
struct Callable {
  std::function<Value(const Arguments&)> call;
};

/// A value of a template, with Python's meaning. Keys of dictionaries are texts. Texts
/// are UTF-8, counted in code points.
class Value {
 public:
  Value() = default;
  Value(Undefined undefined) : value_(std::move(undefined)) {}
  Value(None none) : value_(none) {}
  Value(bool truth) : value_(truth) {}
  Value(std::int64_t number) : value_(number) {}
  Value(double number) : value_(number) {}
  Value(std::string text) : value_(std::move(text)) {}
  Value(const char* text) : value_(std::string(text)) {}
  Value(List list) : value_(std::make_shared<const List>(std::move(list))) {}
  Value(Tuple tuple) : value_(std::make_shared<const Tuple>(std::move(tuple))) {}
  Value(Dict dict) : value_(std::make_shared<const Dict>(std::move(dict))) {}
  Value(std::shared_ptr<Namespace> space) : value_(std::move(space)) {}
  Value(Callable callable) : value_(std::make_shared<const Callable>(std::move(callable))) {}

  static Value from_json(const nlohmann::ordered_json& json);

  bool is_undefined() const { return std::holds_alternative<Undefined>(value_); }
  bool is_none() const { return std::holds_alternative<None>(value_); }
  /// nullptr when the value is of another kind.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  const double* real() const { return std::get_if<double>(&value_); }
  const std::string* text() const { return std::get_if<std::string>(&value_); }
  const Undefined* undefined() const { return std::get_if<Undefined>(&value_); }
  /// Of a list or a tuple.
  const List* list() const;
  bool is_tuple() const { return std::holds_alternative<std::shared_ptr<const Tuple>>(value_); }
  const Dict* dict() const;
  Namespace* space() const;
  const Callable* callable() const;

  /// A boolean, integer or real number.
  bool is_number() const { return boolean() != nullptr || integer() != nullptr || real() != nullptr; }
  /// A boolean or integer as an integer; nothing else may be asked.
  std::int64_t whole() const;
  bool is_whole() const { return boolean() != nullptr || integer() != nullptr; }
  /// Any number.
  double number() const;

  /// Whether it counts as true: not for nothing, zero and what is empty.
  bool truth() const;
  /// "dict", as Python calls it, for messages.
  std::string_view kind() const;

 private:
  std::variant<Undefined, None, bool, std::int64_t, double, std::string, std::shared_ptr<const List>,
               std::shared_ptr<const Dict>, std::shared_ptr<Namespace>, std::shared_ptr<const Callable>,
               std::shared_ptr<const Tuple>>
      value_;
};

/// Whether the value is a function or a namespace, or a list or dictionary with one in it: what could be used
/// after its end, or hold itself.
bool holds_reference(const Value& value);

/// Python's ==.
bool equal(const Value& a, const Value& b);
/// Python's <, of two numbers, texts or lists; throws Problem for others.
bool less(const Value& a, const Value& b);
/// The elements to go through: of a list, the characters of a text, the keys of a dictionary; none of what is
/// undefined. Throws Problem for other values.
List elements(const Value& value);

}  // namespace ttx::hf::jinja
