// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/hf/chat_template/token.hpp"

namespace ttx::hf::jinja {

/// The tokens of a template, one after another.
class TokenStream {
 public:
  using Kind = Token::Kind;

  explicit TokenStream(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const {
    return at_ + ahead < tokens_.size() ? tokens_[at_ + ahead] : tokens_.back();
  }
  std::size_t line() const { return peek().line; }

  const Token& next() {
    const Token& token = peek();
    at_ += at_ + 1 < tokens_.size() ? 1U : 0U;
    return token;
  }

  bool at_operator(std::string_view text) const { return peek().is(Kind::kOperator, text); }
  bool at_name(std::string_view text) const { return peek().is(Kind::kName, text); }

  bool skip_operator(std::string_view text) {
    const bool here = at_operator(text);
    if (here) {
      next();
    }
    return here;
  }
  bool skip_name(std::string_view text) {
    const bool here = at_name(text);
    if (here) {
      next();
    }
    return here;
  }

  /// These refuse the template when something else stands here.
  void expect_operator(std::string_view text);
  void expect_name(std::string_view text);
  void expect(Kind kind, std::string_view what);
  std::string name(std::string_view what);

 private:
  [[noreturn]] void refuse(std::string_view expected) const;

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
};

}  // namespace ttx::hf::jinja
