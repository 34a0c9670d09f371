// SPDX-License-Identifier: Apache-2.0
#include "runtime/shell_quoted.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>

namespace ttx {

std::string shell_quoted(const std::string& argument) {
  constexpr std::string_view kPlain = "-_./=:,+@%";
  const bool plain = !argument.empty() && std::all_of(argument.begin(), argument.end(), [&](unsigned char c) {
    return std::isalnum(c) != 0 || kPlain.find(static_cast<char>(c)) != std::string_view::npos;
  });
  if (plain) {
    return argument;
  }
  std::string quoted = "'";
  for (const char c : argument) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

}  // namespace ttx
