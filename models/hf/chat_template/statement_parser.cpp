// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/statement_parser.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "models/hf/chat_template/loop.hpp"
#include "models/hf/chat_template/python_text.hpp"

namespace ttx::hf::jinja {
namespace {

constexpr int kMostDepth = 100;

}  // namespace

Statement StatementParser::parse() {
  Statement all = body({});
  return all;
}

bool StatementParser::at_block(std::string_view name) const {
  return stream_.peek().kind == Token::Kind::kBlockBegin && stream_.peek(1).is(Token::Kind::kName, name);
}

void StatementParser::end_block() { stream_.expect(Token::Kind::kBlockEnd, "the end of the tag"); }

void StatementParser::end_block(std::string_view name) {
  stream_.expect(Token::Kind::kBlockBegin, fmt::format("{{% {} %}}", name));
  stream_.expect_name(name);
  end_block();
}

Statement StatementParser::body(std::initializer_list<std::string_view> ends) {
  if (++depth_ > kMostDepth) {
    refuse_template(stream_.line(), "blocks nest too deep: expected at most 100 levels");
  }
  std::vector<Statement> all;
  while (std::none_of(ends.begin(), ends.end(), [this](auto name) { return at_block(name); })) {
    if (stream_.peek().kind == Token::Kind::kEnd) {
      if (ends.size() == 0) {
        break;
      }
      stream_.expect_name(*(ends.end() - 1));  // which is not there
    }
    all.push_back(statement());
  }
  --depth_;
  return [all](Scope& scope, std::string& out) {
    for (const Statement& one : all) {
      const Flow flow = one(scope, out);
      if (flow != Flow::kNext) {
        return flow;
      }
    }
    return Flow::kNext;
  };
}

Statement StatementParser::statement() {
  if (stream_.peek().kind == Token::Kind::kData) {
    return [text = stream_.next().text](Scope&, std::string& out) {
      out += text;
      return Flow::kNext;
    };
  }
  if (stream_.peek().kind == Token::Kind::kOutputBegin) {
    return output();
  }
  stream_.next();
  const std::size_t line = stream_.line();
  const std::string name = stream_.name("the name of a statement");
  if (name == "for") {
    return for_loop();
  }
  if (name == "if") {
    return condition();
  }
  if (name == "set") {
    return set();
  }
  if (name == "macro") {
    return macro();
  }
  if (name == "generation") {
    return generation();
  }
  if (name == "break" || name == "continue") {
    return jump(name == "break" ? Flow::kBreak : Flow::kContinue);
  }
  refuse_template(line, fmt::format("statement '{}' is not supported here: expected for, if, set, macro, "
                                    "generation, break or continue",
                                    name));
}

Statement StatementParser::output() {
  const std::size_t line = stream_.next().line;
  Expression value = expressions_.list_or_expression();
  stream_.expect(Token::Kind::kOutputEnd, "}}");
  return [value, line](Scope& scope, std::string& out) {
    out += at_line(line, [&] { return str(value(scope)); });
    return Flow::kNext;
  };
}

std::vector<std::string> StatementParser::targets() {
  const bool bracket = stream_.skip_operator("(");
  std::vector<std::string> names = {stream_.name("a variable")};
  while (stream_.skip_operator(",")) {
    names.push_back(stream_.name("a variable"));
  }
  if (bracket) {
    stream_.expect_operator(")");
  }
  return names;
}

Statement StatementParser::set() {
  const std::size_t line = stream_.line();
  const std::vector<std::string> names = targets();
  std::string member;
  if (stream_.skip_operator(".")) {
    member = stream_.name("the name of an attribute");
  }
  Expression value;
  if (stream_.skip_operator("=")) {
    value = expressions_.list_or_expression();
    end_block();
  } else {
    // No template can name a variable with a space.
    Expression made = expressions_.filters([](Scope& scope) { return scope.find("the block"); });
    end_block();
    Statement content = body({"endset"});
    end_block("endset");
    value = [made, content](Scope& scope) {
      std::string out;
      Scope inner(&scope);
      content(inner, out);
      inner.set("the block", Value(std::move(out)));
      return made(inner);
    };
  }
  return [=](Scope& scope, std::string&) {
    at_line(line, [&] {
      const Value given = value(scope);
      if (member.empty()) {
        bind(scope, names, given);
        return;
      }
      const Value space = scope.find(names.front());
      if (space.space() == nullptr) {
        throw Problem(fmt::format("{}.{} cannot be set: got {}, expected what namespace() makes",
                                  names.front(), member, space.kind()));
      }
      if (holds_reference(given)) {
        throw Problem(
            fmt::format("{}.{} cannot be set: got a function or a namespace, expected a plain value",
                        names.front(), member));
      }
      space.space()->attributes.set(member, given);
    });
    return Flow::kNext;
  };
}

Statement StatementParser::generation() {
  end_block();
  Statement content = body({"endgeneration"});
  end_block("endgeneration");
  return [content](Scope& scope, std::string& out) {
    Scope inner(&scope);
    return content(inner, out);
  };
}

Statement StatementParser::jump(Flow flow) {
  if (loops_ == 0) {
    refuse_template(stream_.line(), "break and continue stand inside a loop only");
  }
  end_block();
  return [flow](Scope&, std::string&) { return flow; };
}

}  // namespace ttx::hf::jinja
