// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/hf/chat_template/scope.hpp"
#include "models/hf/chat_template/token_stream.hpp"

namespace ttx::hf::jinja {

/// Reads expressions by Jinja's grammar: literals, names, attributes, subscripts and slices, calls, filters,
/// tests, arithmetic, comparison, and / or / not, a if b else c. Filters and tests that do not exist are
/// refused here, not when they are used. Throws ttx::Error (kCheckpoint) with the line.
class ExpressionParser {
 public:
  explicit ExpressionParser(TokenStream& stream) : stream_(stream) {}

  Expression expression();
  /// One or more expressions with commas between: a tuple when there are several.
  Expression list_or_expression();
  /// Without `a if b else c`, as the list of a for loop is read: its condition follows "if".
  Expression simple_list_or_expression();
  /// Filters behind a "|", applied to `value`.
  Expression filters(Expression value);

 private:
  using Level = Expression (ExpressionParser::*)();
  using Operator = Value (*)(const Value&, const Value&);

  Expression either();
  Expression both();
  Expression inverted();
  Expression comparison();
  Expression sum();
  Expression joined();
  Expression product();
  Expression powered();
  Expression signed_one();
  Expression unfiltered();
  Expression primary();
  Expression postfix(Expression value);
  Expression subscripted(const Expression& value);
  Expression called(const Expression& function);
  Expression filtered(Expression value);
  Expression tested(const Expression& value);
  Expression parenthesized();
  Expression list_literal();
  Expression dict_literal();
  Expression comma_list(Level element);
  Expression left_to_right(Level operand,
                           const std::vector<std::pair<std::string_view, Operator>>& operators);

  struct Call {
    std::vector<Expression> positional;
    std::vector<std::pair<std::string, Expression>> named;
    Arguments evaluate(Scope& scope) const;
  };
  Call arguments();

  TokenStream& stream_;
  int depth_ = 0;
};

}  // namespace ttx::hf::jinja
