// SPDX-License-Identifier: Apache-2.0
#include "launch/shell_words.hpp"

#include <cstddef>

#include "runtime/error.hpp"

namespace ttx::launch {

std::vector<std::string> shell_words(std::string_view text, std::string_view what) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;  // '' is a word too
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '\'' ? c == quote : c == quote && quote != '\0') {
      quote = '\0';
    } else if (c == '\\' && quote != '\'') {
      TTX_CHECK_AS(i + 1 < text.size(), ExitCode::kUsage, "arguments", "{}: got a lone \\ at the end of: {}",
                   what, text);
      const char next = text[++i];
      // Within "...", a backslash stands for itself before anything but these.
      if (quote == '"' && std::string_view("\\\"$`\n").find(next) == std::string_view::npos) {
        word += c;
      }
      if (next != '\n') {
        word += next;
      }
      in_word = true;
    } else if (quote == '\0' && (c == '\'' || c == '"')) {
      quote = c;
      in_word = true;
    } else if (quote == '\0' && std::string_view(" \t\n").find(c) != std::string_view::npos) {
      if (in_word) {
        words.push_back(word);
      }
      word.clear();
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  TTX_CHECK_AS(quote == '\0', ExitCode::kUsage, "arguments", "{}: a {} is not closed in: {}", what, quote,
               text);
  if (in_word) {
    words.push_back(word);
  }
  return words;
}

}  // namespace ttx::launch
