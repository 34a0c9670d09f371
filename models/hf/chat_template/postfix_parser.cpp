// SPDX-License-Identifier: Apache-2.0
// What stands directly behind a value: attributes, subscripts, slices, calls.
#include <array>

#include <fmt/format.h>

#include "models/hf/chat_template/expression_parser.hpp"
#include "models/hf/chat_template/lookup.hpp"

namespace ttx::hf::jinja {

Expression ExpressionParser::postfix(Expression value) {
  while (true) {
    if (stream_.skip_operator(".")) {
      if (stream_.peek().kind == Token::Kind::kNumber) {
        value = [value, index = stream_.next().value](Scope& scope) {
          return subscript(value(scope), index);
        };
      } else {
        value = [value, name = stream_.name("the name of an attribute")](Scope& scope) {
          return attribute(value(scope), name);
        };
      }
    } else if (stream_.skip_operator("[")) {
      value = subscripted(value);
    } else if (stream_.skip_operator("(")) {
      value = called(value);
    } else {
      return value;
    }
  }
}

Expression ExpressionParser::subscripted(const Expression& value) {
  const Expression none = [](Scope&) { return Value(None{}); };
  std::array<Expression, 3> bounds = {none, none, none};
  std::size_t colons = 0;
  while (!stream_.skip_operator("]")) {
    if (stream_.at_operator(":") && colons < 2) {
      stream_.next();
      ++colons;
    } else {
      bounds[colons] = expression();
      if (!stream_.at_operator(":") && !stream_.at_operator("]")) {
        stream_.expect_operator("]");
      }
    }
  }
  if (colons == 0) {
    return [value, key = bounds[0]](Scope& scope) {
      const Value where = value(scope);
      return subscript(where, key(scope));
    };
  }
  return [value, bounds](Scope& scope) {
    const Value where = value(scope);
    return slice(where, bounds[0](scope), bounds[1](scope), bounds[2](scope));
  };
}

ExpressionParser::Call ExpressionParser::arguments() {
  Call call;
  while (!stream_.skip_operator(")")) {
    if (stream_.peek().kind == Token::Kind::kName && stream_.peek(1).is(Token::Kind::kOperator, "=")) {
      std::string name = stream_.next().text;
      stream_.next();
      call.named.emplace_back(std::move(name), expression());
    } else {
      call.positional.push_back(expression());
    }
    if (!stream_.at_operator(")")) {
      stream_.expect_operator(",");
    }
  }
  return call;
}

Arguments ExpressionParser::Call::evaluate(Scope& scope) const {
  Arguments arguments;
  for (const Expression& one : positional) {
    arguments.positional.push_back(one(scope));
  }
  for (const auto& [name, one] : named) {
    arguments.named.emplace_back(name, one(scope));
  }
  return arguments;
}

Expression ExpressionParser::called(const Expression& function) {
  return [function, call = arguments()](Scope& scope) {
    const Value callee = function(scope);
    if (callee.is_undefined()) {
      throw Problem(fmt::format("'{}' is undefined: it cannot be called", callee.undefined()->name));
    }
    if (callee.callable() == nullptr) {
      throw Problem(fmt::format("a {} cannot be called", callee.kind()));
    }
    return callee.callable()->call(call.evaluate(scope));
  };
}

}  // namespace ttx::hf::jinja
