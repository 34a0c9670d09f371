// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/token_stream.hpp"

#include <fmt/format.h>

namespace ttx::hf::jinja {

void TokenStream::refuse(std::string_view expected) const {
  const Token& token = peek();
  std::string got;
  switch (token.kind) {
    case Kind::kOutputEnd:
    case Kind::kBlockEnd:
      got = "the end of the tag";
      break;
    case Kind::kEnd:
      got = "the end of the template";
      break;
    case Kind::kNumber:
      got = "a number";
      break;
    default:
      got = fmt::format("'{}'", token.text);
      break;
  }
  refuse_template(token.line, fmt::format("got {}, expected {}", got, expected));
}

void TokenStream::expect_operator(std::string_view text) {
  if (!skip_operator(text)) {
    refuse(text);
  }
}

void TokenStream::expect_name(std::string_view text) {
  if (!skip_name(text)) {
    refuse(text);
  }
}

void TokenStream::expect(Kind kind, std::string_view what) {
  if (peek().kind != kind) {
    refuse(what);
  }
  next();
}

std::string TokenStream::name(std::string_view what) {
  if (peek().kind != Kind::kName) {
    refuse(what);
  }
  return next().text;
}

}  // namespace ttx::hf::jinja
