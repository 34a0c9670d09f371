// SPDX-License-Identifier: Apache-2.0
#include "launch/shell_words.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/shell_quoted.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/run_command.hpp"

namespace ttx::launch {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> words(std::string_view text) { return shell_words(text, "--mpi"); }

TEST(ShellWords, AreCutAtBlanks) {
  EXPECT_THAT(words("  --host a:4,b:4\t--mca\npml ob1 "),
              ElementsAre("--host", "a:4,b:4", "--mca", "pml", "ob1"));
  EXPECT_THAT(words(""), IsEmpty());
  EXPECT_THAT(words(" \n"), IsEmpty());
}

TEST(ShellWords, NothingIsReplaced) {
  EXPECT_THAT(words("$HOME `id` *.c ~ #"), ElementsAre("$HOME", "`id`", "*.c", "~", "#"));
}

TEST(ShellWords, AnOpenQuoteIsRefused) {
  test::expect_error(ExitCode::kUsage, {"--mpi", "' is not closed", "a 'b"}, [] { words("a 'b"); });
  test::expect_error(ExitCode::kUsage, {"--mpi", "\" is not closed"}, [] { words("\"a' b"); });
  test::expect_error(ExitCode::kUsage, {"--mpi", "lone \\"}, [] { words("a\\"); });
}

/// What the system's own shell makes of the same text.
TEST(ShellWords, AreTheShellsOwn) {
  for (const std::string text : {R"(a 'b c' "d e" f\ g)", R"('' "" x'y'"z")", R"("a\"b\\c\d\$e" 'a\b' \'\")",
                                 "a\\\nb \"c\\\nd\"", R"(--mca opal_signal '' -x 'A=it'\''s')"}) {
    const test::CommandResult shell =
        test::run({.arguments = {"sh", "-c", "printf '%s|' " + text}, .environment = {}, .folder = {}});
    std::string ours;
    for (const std::string& word : words(text)) {
      ours += word + "|";
    }
    EXPECT_EQ(ours, shell.out) << text;
  }
}

TEST(ShellWords, TakeBackWhatIsQuoted) {
  for (const std::string word : {"", "plain", "two words", "it's", "a\"b\\c", "line\nend", "$x"}) {
    EXPECT_THAT(words(shell_quoted(word)), ElementsAre(word));
  }
}

}  // namespace
}  // namespace ttx::launch
