// SPDX-License-Identifier: Apache-2.0
#include "launch/command_line.hpp"

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::launch {
namespace {

struct Numbers {
  std::int64_t tokens = 0;
  std::optional<std::int64_t> least;
  int threads = 1;
  std::uint64_t seed = 0;
  std::string text;
};

Numbers parse_numbers(std::vector<std::string> arguments) {
  Numbers numbers;
  CLI::App app("", "program");
  app.add_option("--max_new_tokens", numbers.tokens);
  app.add_option("--min_new_tokens", numbers.least);
  app.add_option("--threads", numbers.threads)->envname("TTX_TEST_THREADS")->check(CLI::Range(1, 1024));
  app.add_option("--seed", numbers.seed);
  app.add_option("--text", numbers.text);
  arguments.insert(arguments.begin(), "program");
  std::vector<char*> argv;
  for (std::string& argument : arguments) {
    argv.push_back(argument.data());
  }
  parse(app, static_cast<int>(argv.size()), argv.data(), Speak::kNo);
  return numbers;
}

void refuses(const std::vector<std::string>& arguments, std::initializer_list<std::string_view> pieces) {
  ttx::test::expect_error(ExitCode::kUsage, pieces, [&] { parse_numbers(arguments); });
}

TEST(CommandLine, TakesNumbersAsPythonDoes) {
  EXPECT_EQ(parse_numbers({"--max_new_tokens", "2304"}).tokens, 2304);
  EXPECT_EQ(parse_numbers({"--max_new_tokens=0100"}).tokens, 100);  // not octal
  EXPECT_EQ(parse_numbers({"--max_new_tokens", "+5"}).tokens, 5);
  EXPECT_EQ(parse_numbers({"--max_new_tokens", "1_000"}).tokens, 1000);
  EXPECT_EQ(parse_numbers({"--max_new_tokens", " 12\n"}).tokens, 12);
  EXPECT_EQ(parse_numbers({"--max_new_tokens=-012"}).tokens, -12);
  EXPECT_EQ(parse_numbers({"--max_new_tokens=-9223372036854775808"}).tokens, INT64_MIN);
  EXPECT_EQ(parse_numbers({"--max_new_tokens=000"}).tokens, 0);
  EXPECT_EQ(parse_numbers({"--min_new_tokens", "010"}).least, 10);
  EXPECT_EQ(parse_numbers({"--threads", "08"}).threads, 8);
  EXPECT_EQ(parse_numbers({"--seed", "18446744073709551615"}).seed, UINT64_MAX);
  EXPECT_EQ(parse_numbers({"--text", "0x10"}).text, "0x10");
}

TEST(CommandLine, RefusesWhatPythonRefuses) {
  for (const char* text :
       {"0x900", "0b1", "0o7", "9.0", "1e3", "", " ", "+", "-", "1__0", "_1", "1_", "1 0", "1k", "١"}) {
    SCOPED_TRACE(text);
    refuses({std::string("--max_new_tokens=") + text}, {"--max_new_tokens", "--help"});
  }
  refuses({"--max_new_tokens", "0x900"},
          {"--max_new_tokens: got \"0x900\", expected a whole decimal number"});
  refuses({"--min_new_tokens", "0x1"}, {"--min_new_tokens: got \"0x1\", expected a whole decimal number"});
  refuses({"--threads", "0x2"}, {"--threads: got \"0x2\""});
  refuses({"--seed", "0x2"}, {"--seed: got \"0x2\""});
}

TEST(CommandLine, RefusesNumbersThatAreTooLarge) {
  refuses({"--max_new_tokens", "9223372036854775808"},
          {"got \"9223372036854775808\", expected a number from -92"});
  refuses({"--seed", "18446744073709551616"}, {"expected a number from 0 to 18446744073709551615"});
  refuses({"--seed=-1"}, {"--seed: got \"-1\", expected a number from 0"});
  refuses({"--threads", "4294967297"}, {"--threads"});
  refuses({"--threads", "01025"}, {"--threads", "1025"});
}

TEST(CommandLine, NamesTheVariableThatARefusedValueCameFrom) {
  for (const char* value : {"x", "0", "0x2"}) {
    ::setenv("TTX_TEST_THREADS", value, 1);
    refuses({}, {"[arguments] TTX_TEST_THREADS: ", value});
    refuses({"--threads", "-1"}, {"[arguments] --threads: "});
  }
  ::setenv("TTX_TEST_THREADS", "3", 1);
  EXPECT_EQ(parse_numbers({}).threads, 3);
  ::unsetenv("TTX_TEST_THREADS");
}

TEST(CommandLine, SpellsPrefixesOut) {
  EXPECT_EQ(parse_numbers({"--max", "7"}).tokens, 7);
  EXPECT_EQ(parse_numbers({"--mi=7"}).least, 7);
  refuses({"--m", "7"}, {"ambiguous flag --m", "--max_new_tokens", "--min_new_tokens"});
}

TEST(CommandLine, TwoSpellingsOfAFlagAreNotAmbiguous) {
  CLI::App app("", "program");
  int length = 0;
  bool dry = false;
  app.add_option("--prefill-len,--prefill_len", length);
  app.add_option("--prefix", length);
  app.add_flag("--dry-run,--dry_run", dry);
  const std::vector<std::string> spelled{"--prefill-len=3", "--dry-run"};
  EXPECT_EQ(expand_prefixes(app, {"--prefil=3", "--d"}), spelled);
  EXPECT_EQ(expand_prefixes(app, {"--prefill_l=3"}), std::vector<std::string>{"--prefill_len=3"});
  ttx::test::expect_error(ExitCode::kUsage, {"ambiguous flag --pref"},
                          [&] { expand_prefixes(app, {"--pref=3"}); });
}

TEST(CommandLine, IntegerOf) {
  EXPECT_EQ(integer_of(" 1_000 "), 1000);
  EXPECT_EQ(integer_of("-007"), -7);
  for (const char* text : {"", "x", "1.0", "0x1", "9223372036854775808"}) {
    EXPECT_EQ(integer_of(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ttx::launch
