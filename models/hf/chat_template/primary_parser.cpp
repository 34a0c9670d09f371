// SPDX-License-Identifier: Apache-2.0
// The inner part of the expression grammar: what stands alone, filters and tests.
#include <fmt/format.h>

#include "models/hf/chat_template/expression_parser.hpp"
#include "models/hf/chat_template/filters.hpp"
#include "models/hf/chat_template/tests.hpp"

namespace ttx::hf::jinja {
namespace {

Expression constant(Value value) {
  return [value = std::move(value)](Scope&) { return value; };
}

}  // namespace

Expression ExpressionParser::primary() {
  const Token& token = stream_.peek();
  if (token.kind == Token::Kind::kName) {
    const std::string name = stream_.next().text;
    if (name == "true" || name == "True") {
      return constant(true);
    }
    if (name == "false" || name == "False") {
      return constant(false);
    }
    if (name == "none" || name == "None") {
      return constant(None{});
    }
    return [name](Scope& scope) { return scope.find(name); };
  }
  if (token.kind == Token::Kind::kString) {
    std::string text;
    while (stream_.peek().kind == Token::Kind::kString) {
      text += stream_.next().text;
    }
    return constant(std::move(text));
  }
  if (token.kind == Token::Kind::kNumber) {
    return constant(stream_.next().value);
  }
  if (stream_.skip_operator("(")) {
    return parenthesized();
  }
  if (stream_.skip_operator("[")) {
    return list_literal();
  }
  if (stream_.skip_operator("{")) {
    return dict_literal();
  }
  stream_.name("a value");
  return {};
}

Expression ExpressionParser::parenthesized() {
  if (stream_.skip_operator(")")) {
    return constant(Tuple{});
  }
  Expression value = list_or_expression();
  stream_.expect_operator(")");
  return value;
}

Expression ExpressionParser::list_literal() {
  std::vector<Expression> all;
  while (!stream_.skip_operator("]")) {
    all.push_back(expression());
    if (!stream_.at_operator("]")) {
      stream_.expect_operator(",");
    }
  }
  return [all](Scope& scope) {
    List list;
    for (const Expression& one : all) {
      list.push_back(one(scope));
    }
    return Value(std::move(list));
  };
}

Expression ExpressionParser::dict_literal() {
  std::vector<std::pair<Expression, Expression>> all;
  while (!stream_.skip_operator("}")) {
    Expression key = expression();
    stream_.expect_operator(":");
    all.emplace_back(std::move(key), expression());
    if (!stream_.at_operator("}")) {
      stream_.expect_operator(",");
    }
  }
  return [all](Scope& scope) {
    Dict dict;
    for (const auto& [key, value] : all) {
      const Value name = key(scope);
      if (name.text() == nullptr) {
        throw Problem(fmt::format("a key of a dictionary: got {}, expected a text", name.kind()));
      }
      dict.set(*name.text(), value(scope));
    }
    return Value(std::move(dict));
  };
}

Expression ExpressionParser::filtered(Expression value) {
  while (true) {
    if (stream_.at_operator("|")) {
      value = filters(std::move(value));
    } else if (stream_.skip_name("is")) {
      value = tested(std::move(value));
    } else {
      return value;
    }
  }
}

Expression ExpressionParser::filters(Expression value) {
  while (stream_.skip_operator("|")) {
    const std::size_t line = stream_.line();
    const std::string name = stream_.name("the name of a filter");
    const Filter filter = find_filter(name);
    if (filter == nullptr) {
      refuse_template(line, fmt::format("there is no filter '{}'", name));
    }
    Call call;
    if (stream_.skip_operator("(")) {
      call = arguments();
    }
    value = [value, filter, call](Scope& scope) {
      const Value input = value(scope);
      return filter(input, call.evaluate(scope));
    };
  }
  return value;
}

Expression ExpressionParser::tested(const Expression& value) {
  const bool wanted = !stream_.skip_name("not");
  const std::size_t line = stream_.line();
  const std::string name = stream_.name("the name of a test");
  const Test test = find_test(name);
  if (test == nullptr) {
    refuse_template(line, fmt::format("there is no test '{}'", name));
  }
  Call call;
  const Token& token = stream_.peek();
  const bool ends_test = stream_.at_name("else") || stream_.at_name("or") || stream_.at_name("and") ||
                         stream_.at_name("if") || stream_.at_name("is");
  if (stream_.skip_operator("(")) {
    call = arguments();
  } else if ((token.kind == Token::Kind::kName && !ends_test) || token.kind == Token::Kind::kString ||
             token.kind == Token::Kind::kNumber || stream_.at_operator("[") || stream_.at_operator("{")) {
    call.positional.push_back(postfix(primary()));
  }
  return [value, test, call, wanted](Scope& scope) {
    const Value input = value(scope);
    return Value(test(input, call.evaluate(scope)) == wanted);
  };
}

}  // namespace ttx::hf::jinja
