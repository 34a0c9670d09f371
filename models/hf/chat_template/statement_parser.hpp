// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/chat_template/expression_parser.hpp"

namespace ttx::hf::jinja {

/// Reads the statements of a template: text, {{ }}, for with if and else, break, continue, if / elif / else,
/// set of names, attributes of a namespace and blocks, macro, and transformers' generation. Any other
/// statement is refused by name. Throws ttx::Error (kCheckpoint) with the line.
class StatementParser {
 public:
  explicit StatementParser(std::string_view source) : stream_(read_tokens(source)), expressions_(stream_) {}

  Statement parse();

 private:
  /// Statements up to a block that begins with one of the names, which stays to be read.
  Statement body(std::initializer_list<std::string_view> ends);
  Statement statement();
  Statement output();
  Statement for_loop();
  Statement condition();
  Statement set();
  Statement macro();
  Statement generation();
  Statement jump(Flow flow);

  std::vector<std::string> targets();
  bool at_block(std::string_view name) const;
  void end_block();
  void end_block(std::string_view name);

  TokenStream stream_;
  ExpressionParser expressions_;
  int depth_ = 0;
  int loops_ = 0;
};

}  // namespace ttx::hf::jinja
