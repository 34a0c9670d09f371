// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/expression_parser.hpp"

#include <fmt/format.h>

#include "models/hf/chat_template/operators.hpp"
#include "models/hf/chat_template/python_text.hpp"

namespace ttx::hf::jinja {
namespace {

constexpr int kMostDepth = 100;

Value concatenated(const Value& a, const Value& b) { return str(a) + str(b); }

using Comparison = bool (*)(const Value&, const Value&);

Comparison comparison_of(std::string_view sign) {
  if (sign == "==") {
    return equal;
  }
  if (sign == "!=") {
    return [](const Value& a, const Value& b) { return !equal(a, b); };
  }
  if (sign == "<") {
    return less;
  }
  if (sign == ">") {
    return [](const Value& a, const Value& b) { return less(b, a); };
  }
  if (sign == "<=") {
    return [](const Value& a, const Value& b) { return !less(b, a); };
  }
  if (sign == ">=") {
    return [](const Value& a, const Value& b) { return !less(a, b); };
  }
  return nullptr;
}

}  // namespace

Expression ExpressionParser::expression() {
  if (++depth_ > kMostDepth) {
    refuse_template(stream_.line(), "an expression nests too deep: expected at most 100 levels");
  }
  Expression value = either();
  while (stream_.skip_name("if")) {
    Expression condition = either();
    Expression otherwise = [](Scope&) { return Value(Undefined{"the value of an if without else"}); };
    if (stream_.skip_name("else")) {
      otherwise = expression();
    }
    value = [value, condition, otherwise](Scope& scope) {
      return condition(scope).truth() ? value(scope) : otherwise(scope);
    };
  }
  --depth_;
  return value;
}

Expression ExpressionParser::comma_list(Level element) {
  std::vector<Expression> all = {(this->*element)()};
  bool is_list = false;
  while (stream_.skip_operator(",")) {
    is_list = true;
    const Token::Kind kind = stream_.peek().kind;
    if (kind == Token::Kind::kBlockEnd || kind == Token::Kind::kOutputEnd || stream_.at_operator(")")) {
      break;
    }
    all.push_back((this->*element)());
  }
  if (!is_list) {
    return all.front();
  }
  return [all](Scope& scope) {
    List list;
    for (const Expression& one : all) {
      list.push_back(one(scope));
    }
    return Value(Tuple{std::move(list)});
  };
}

Expression ExpressionParser::list_or_expression() { return comma_list(&ExpressionParser::expression); }
Expression ExpressionParser::simple_list_or_expression() { return comma_list(&ExpressionParser::either); }

Expression ExpressionParser::either() {
  Expression left = both();
  while (stream_.skip_name("or")) {
    left = [left, right = both()](Scope& scope) {
      Value value = left(scope);
      return value.truth() ? value : right(scope);
    };
  }
  return left;
}

Expression ExpressionParser::both() {
  Expression left = inverted();
  while (stream_.skip_name("and")) {
    left = [left, right = inverted()](Scope& scope) {
      Value value = left(scope);
      return value.truth() ? right(scope) : value;
    };
  }
  return left;
}

Expression ExpressionParser::inverted() {
  int count = 0;
  while (stream_.skip_name("not")) {
    ++count;
  }
  Expression value = comparison();
  if (count == 0) {
    return value;
  }
  return [value, wanted = count % 2 == 0](Scope& scope) { return Value(value(scope).truth() == wanted); };
}

Expression ExpressionParser::comparison() {
  std::vector<std::pair<Comparison, Expression>> others;
  Expression first = sum();
  while (true) {
    Comparison compare = nullptr;
    if (stream_.peek().kind == Token::Kind::kOperator &&
        (compare = comparison_of(stream_.peek().text)) != nullptr) {
      stream_.next();
    } else if (stream_.skip_name("in")) {
      compare = [](const Value& item, const Value& where) { return contains(where, item); };
    } else if (stream_.at_name("not") && stream_.peek(1).is(Token::Kind::kName, "in")) {
      stream_.next();
      stream_.next();
      compare = [](const Value& item, const Value& where) { return !contains(where, item); };
    } else {
      break;
    }
    others.emplace_back(compare, sum());
  }
  if (others.empty()) {
    return first;
  }
  return [first, others](Scope& scope) {
    Value left = first(scope);
    for (const auto& [compare, operand] : others) {
      Value right = operand(scope);
      if (!compare(left, right)) {
        return Value(false);
      }
      left = std::move(right);
    }
    return Value(true);
  };
}

Expression ExpressionParser::left_to_right(
    Level operand, const std::vector<std::pair<std::string_view, Operator>>& operators) {
  Expression left = (this->*operand)();
  while (true) {
    Operator found = nullptr;
    for (const auto& [sign, function] : operators) {
      if (found == nullptr && stream_.skip_operator(sign)) {
        found = function;
      }
    }
    if (found == nullptr) {
      return left;
    }
    left = [left, found, right = (this->*operand)()](Scope& scope) {
      const Value value = left(scope);
      return found(value, right(scope));
    };
  }
}

Expression ExpressionParser::sum() {
  return left_to_right(&ExpressionParser::joined, {{"+", add}, {"-", subtract}});
}
Expression ExpressionParser::joined() {
  return left_to_right(&ExpressionParser::product, {{"~", concatenated}});
}
Expression ExpressionParser::product() {
  return left_to_right(&ExpressionParser::powered,
                       {{"*", multiply}, {"//", floor_divide}, {"/", divide}, {"%", modulo}});
}
Expression ExpressionParser::powered() {
  return left_to_right(&ExpressionParser::signed_one, {{"**", power}});
}

Expression ExpressionParser::signed_one() { return filtered(unfiltered()); }

Expression ExpressionParser::unfiltered() {
  bool negates = false;
  bool has_sign = false;
  while (stream_.at_operator("-") || stream_.at_operator("+")) {
    negates = negates != (stream_.next().text == "-");
    has_sign = true;
  }
  Expression value = postfix(primary());
  if (!has_sign) {
    return value;
  }
  return [value, negates](Scope& scope) {
    const Value number = value(scope);
    return negates ? negate(number) : add(number, std::int64_t{0});
  };
}

}  // namespace ttx::hf::jinja
