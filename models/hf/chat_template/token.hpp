// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/chat_template/value.hpp"

namespace ttx::hf::jinja {

/// A piece of a template's text.
struct Token {
  enum class Kind : std::uint8_t {
    kData,         ///< text between the tags, `text`
    kOutputBegin,  ///< {{
    kOutputEnd,
    kBlockBegin,  ///< {%
    kBlockEnd,
    kName,
    kString,  ///< `text` without its quotes and escapes
    kNumber,  ///< `value`
    kOperator,
    kEnd,  ///< of the template
  };

  Kind kind;
  std::string text;
  std::size_t line;
  Value value;

  bool is(Kind which, std::string_view wanted) const { return kind == which && text == wanted; }
};

/// Cuts a template as Jinja does with the settings of transformers: trim_blocks (the line end behind a block
/// or comment goes), lstrip_blocks (white space between a line's beginning and a block or comment goes), "-"
/// at a tag takes all white space on that side, "+" keeps what the two settings would take, one line end at
/// the template's end goes, line ends become LF. The last token is kEnd. Throws ttx::Error (kCheckpoint) for
/// what is no template, with its line.
std::vector<Token> read_tokens(std::string_view source);

/// Refuses a template: "line 3 of the chat template: ...".
[[noreturn]] void refuse_template(std::size_t line, std::string_view what);

}  // namespace ttx::hf::jinja
