// SPDX-License-Identifier: Apache-2.0
#include "runtime/shell_quoted.hpp"

#include <array>
#include <cstdio>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace ttx {
namespace {

/// What a shell makes of it.
std::string read_back(const std::string& quoted) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(("printf %s " + quoted).c_str(), "r"),
                                                             pclose);
  std::string text;
  std::array<char, 256> piece{};
  while (const std::size_t count = std::fread(piece.data(), 1, piece.size(), pipe.get())) {
    text.append(piece.data(), count);
  }
  return text;
}

TEST(ShellQuoted, PlainArgumentsStayAsTheyAre) {
  EXPECT_EQ(shell_quoted("models/Qwen/Qwen3-0.6B/n150/functional/model.cpp"),
            "models/Qwen/Qwen3-0.6B/n150/functional/model.cpp");
  EXPECT_EQ(shell_quoted("--mesh=1x8"), "--mesh=1x8");
}

TEST(ShellQuoted, AShellReadsTheArgumentBack) {
  for (const std::string argument : {"", "two words", "it's", "''", "$HOME", "a;b|c&d", "*?[x]", "a\nb",
                                     "naïve \\ \"x\"", "~", "# no comment", "plain-1.2_3/4"}) {
    EXPECT_EQ(read_back(shell_quoted(argument)), argument);
  }
}

}  // namespace
}  // namespace ttx
