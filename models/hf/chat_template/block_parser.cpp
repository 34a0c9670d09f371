// SPDX-License-Identifier: Apache-2.0
// Statements that hold others: for, if, macro.
#include <utility>

#include <fmt/format.h>

#include "models/hf/chat_template/loop.hpp"
#include "models/hf/chat_template/statement_parser.hpp"

namespace ttx::hf::jinja {

Statement StatementParser::for_loop() {
  const std::size_t line = stream_.line();
  const std::vector<std::string> names = targets();
  stream_.expect_name("in");
  Expression values = expressions_.simple_list_or_expression();
  Expression wanted;
  if (stream_.skip_name("if")) {
    wanted = expressions_.expression();
  }
  end_block();
  ++loops_;
  Statement round = body({"else", "endfor"});
  --loops_;
  Statement otherwise;
  if (at_block("else")) {
    end_block("else");
    otherwise = body({"endfor"});
  }
  end_block("endfor");
  return [=](Scope& scope, std::string& out) {
    const List chosen = at_line(line, [&] {
      List all = elements(values(scope));
      if (wanted) {
        std::erase_if(all, [&](const Value& one) {
          Scope tried(&scope);
          bind(tried, names, one);
          return !wanted(tried).truth();
        });
      }
      return all;
    });
    bool finished = false;  // a round; break and continue do not finish one, as in Jinja
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      Scope inner = at_line(line, [&] {
        Scope made(&scope);
        bind(made, names, chosen[i]);
        made.set("loop", loop_variable(chosen, i));
        return made;
      });
      const Flow flow = round(inner, out);
      finished = finished || flow == Flow::kNext;
      if (flow == Flow::kBreak) {
        break;
      }
    }
    if (!finished && otherwise) {
      return otherwise(scope, out);
    }
    return Flow::kNext;
  };
}

Statement StatementParser::condition() {
  struct Branch {
    std::size_t line;
    Expression holds;  // none for else
    Statement body;
  };
  std::vector<Branch> branches;
  const auto add = [&](bool tests) {
    const std::size_t line = stream_.line();
    Expression holds = tests ? expressions_.list_or_expression() : Expression();
    end_block();
    branches.push_back({line, std::move(holds), body({"elif", "else", "endif"})});
  };
  add(true);
  while (!at_block("endif")) {
    stream_.next();
    const bool is_elif = stream_.next().text == "elif";
    if (!branches.back().holds) {
      refuse_template(stream_.line(), "a branch follows else: expected endif");
    }
    add(is_elif);
  }
  end_block("endif");
  return [branches](Scope& scope, std::string& out) {
    for (const Branch& branch : branches) {
      if (!branch.holds || at_line(branch.line, [&] { return branch.holds(scope).truth(); })) {
        return branch.body(scope, out);
      }
    }
    return Flow::kNext;
  };
}

Statement StatementParser::macro() {
  const std::string name = stream_.name("the name of a macro");
  std::vector<std::pair<std::string, Expression>> parameters;
  stream_.expect_operator("(");
  while (!stream_.skip_operator(")")) {
    std::string parameter = stream_.name("a parameter");
    parameters.emplace_back(std::move(parameter),
                            stream_.skip_operator("=") ? expressions_.expression() : Expression());
    if (!stream_.at_operator(")")) {
      stream_.expect_operator(",");
    }
  }
  end_block();
  const int loops = std::exchange(loops_, 0);
  Statement content = body({"endmacro"});
  loops_ = loops;
  end_block("endmacro");
  return [=](Scope& scope, std::string&) {
    // What is set where the macro stands, it sees. The scope outlives it: no namespace can carry it away.
    scope.set(name, Callable{[=, &scope](const Arguments& arguments) {
                const Scope::Call counted(scope.root());
                Scope inner(&scope);
                bind_parameters(inner, name, parameters, arguments);
                std::string out;
                content(inner, out);
                return Value(std::move(out));
              }});
    return Flow::kNext;
  };
}

}  // namespace ttx::hf::jinja
