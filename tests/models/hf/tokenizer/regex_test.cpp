// SPDX-License-Identifier: Apache-2.0
// Expected matches were checked with the tokenizers library (Oniguruma).
#include "models/hf/tokenizer/regex.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/hf/tokenizer/symbol_map.hpp"
#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using test::utf8;
using Texts = std::vector<std::string>;

std::vector<TextSpan> spans(std::string_view pattern, std::string_view text) {
  return Regex(read_regex_pattern(pattern), pattern).find_all(text);
}

/// The texts of all matches.
Texts matches(std::string_view pattern, std::string_view text) {
  Texts found;
  for (const TextSpan span : spans(pattern, text)) {
    found.emplace_back(text.substr(span.begin, span.end - span.begin));
  }
  return found;
}

TEST(Regex, ReadsLiteralsAndEscapes) {
  EXPECT_EQ(matches("ab", "abcab"), (Texts{"ab", "ab"}));
  EXPECT_EQ(matches(R"(\x41|\u0042|\x{1F600})", utf8(U"AB\U0001F600C")),
            (Texts{"A", "B", utf8(U"\U0001F600")}));
  EXPECT_EQ(matches(R"(\t|\n|\v|\f|\r|\a|\e)", "\t\n\v\f\r\a\x1B."),
            (Texts{"\t", "\n", "\v", "\f", "\r", "\a", "\x1B"}));
  EXPECT_EQ(matches(R"(\.|\-|\ |]|})", "a.b-c d]e}"), (Texts{".", "-", " ", "]", "}"}));
  EXPECT_EQ(matches(".", "a\nb"), (Texts{"a", "b"}));
}

TEST(Regex, ReadsClasses) {
  EXPECT_EQ(matches(R"([a-c\-x^.|{}()*?$]+)", "abd-x^e.|{}()*?$"), (Texts{"ab", "-x^", ".|{}()*?$"}));
  EXPECT_EQ(matches("[-a]+", "a-b-a"), (Texts{"a-", "-a"}));
  EXPECT_EQ(matches("[a-]+", "a-b-a"), (Texts{"a-", "-a"}));
  EXPECT_EQ(matches(R"([^\s\p{L}\p{N}]+)", "ab 1!?\n."), (Texts{"!?", "."}));
  EXPECT_EQ(matches(R"([^\S\n]+)", "a \t\nb "), (Texts{" \t", " "}));
  EXPECT_EQ(matches(R"([\P{L}a]+)", "xa1bx"), (Texts{"a1"}));
  EXPECT_EQ(matches(R"(\p{^L}+|\P{Lu}+)", "AB12c"), (Texts{"12", "c"}));
  EXPECT_EQ(matches(utf8(U"[\u4E00-\u9FA5\u3040-\u309F]+"), utf8(U"a\u4F60\u306E\u30AB")),
            Texts{utf8(U"\u4F60\u306E")});
}

TEST(Regex, CountsOnlyWhiteSpaceOfUnicode) {
  const std::string spaces = utf8(U"\t\n\v\f\r \u0085\u00A0\u1680\u2000\u200A\u2028\u2029\u202F\u205F\u3000");
  EXPECT_EQ(matches(R"(\s+)", spaces), Texts{spaces});
  EXPECT_EQ(matches(R"(\s)", utf8(U"\u200B\uFEFF\u180E\u001C")), Texts{});
}

TEST(Regex, FoldsCaseAsUnicodeDoes) {
  EXPECT_EQ(matches("(?i:'s|'re)", utf8(U"'s'S'\u017F'RE'rE's")).size(), 6U);
  EXPECT_EQ(matches("(?i:k)", utf8(U"kK\u212A")).size(), 3U);
  EXPECT_EQ(matches("'(?i:[sdmt-])", utf8(U"'S'\u017F'-'x")).size(), 3U);
  EXPECT_EQ(matches("(?i:[r-t])", utf8(U"RsT\u017Fq")).size(), 4U);
  EXPECT_EQ(matches("(?i:a(?-i:b)c)d", "AbCd ABCd AbCD"), Texts{"AbCd"});
}

TEST(Regex, RepeatsAsRubySyntaxDoes) {
  EXPECT_EQ(matches(R"(\d{,2})", "123"), (Texts{"12", "3"}));
  EXPECT_EQ(matches(R"(\d{2,})", "1 123"), (Texts{"123"}));
  EXPECT_EQ(matches(R"(\d{1,2}?)", "12"), (Texts{"1", "2"}));
  // {n,m}+ is an interval repeated, not a possessive one: it gives characters back.
  EXPECT_EQ(matches("a{1,2}+ab", "aaaaab"), (Texts{"aaaaab"}));
  EXPECT_EQ(matches("a++ab", "aaab"), Texts{});
  EXPECT_EQ(matches("(?:xa|a){1,2}+b", "xaab"), (Texts{"xaab"}));
  EXPECT_EQ(matches("a+?", "aa"), (Texts{"a", "a"}));
  EXPECT_EQ(matches("(a|b)+c", "abac"), (Texts{"abac"}));
}

TEST(Regex, NeverEntersAnAtomicGroupAgain) {
  EXPECT_EQ(matches("(?>a+|b)ab", "aab"), Texts{});
  // PCRE2's just-in-time compiler takes the second space, too.
  EXPECT_EQ(spans("(?>[^ ]*| ?) [0-9]+", "x-  123"), (std::vector<TextSpan>{{3, 7}}));
}

TEST(Regex, LooksAround) {
  EXPECT_EQ(matches(R"(\s+(?!\S)|\s+)", "a   b  "), (Texts{"  ", " ", "  "}));
  EXPECT_EQ(spans("(?<=a)b|(?<!a)c", "abcac"), (std::vector<TextSpan>{{1, 2}, {2, 3}}));
  EXPECT_EQ(spans("^.", "ab\ncd\n"), (std::vector<TextSpan>{{0, 1}, {3, 4}}));
  EXPECT_EQ(spans("^", "\na\n"), (std::vector<TextSpan>{{0, 0}, {1, 1}}));
  EXPECT_EQ(spans("b?$", "ab\nb"), (std::vector<TextSpan>{{1, 2}, {3, 4}}));
  EXPECT_EQ(spans(R"(\A.|.\z)", "abc"), (std::vector<TextSpan>{{0, 1}, {2, 3}}));
}

TEST(Regex, SkipsEmptyMatchesBehindAMatch) {
  EXPECT_EQ(spans("a*", "baac"), (std::vector<TextSpan>{{0, 0}, {1, 3}, {4, 4}}));
  EXPECT_EQ(spans("", "ab"), (std::vector<TextSpan>{{0, 0}, {1, 1}, {2, 2}}));
  EXPECT_EQ(spans("x|", ""), std::vector<TextSpan>{});
}

TEST(Regex, GivesSpansInBytes) {
  EXPECT_EQ(spans("b", utf8(U"\u00E9b\U0001F600b")), (std::vector<TextSpan>{{2, 3}, {7, 8}}));
}

TEST(Regex, MatchesLiteralTextWhateverItHolds) {
  const Regex regex(literal_pattern(".*[a"), ".*[a");
  EXPECT_EQ(regex.find_all("xx.*[a.*[a"), (std::vector<TextSpan>{{2, 6}, {6, 10}}));
}

TEST(Regex, RefusesWhatTheEnginesReadDifferently) {
  const std::pair<const char*, const char*> refused[] = {
      {R"(\w)", "escape \\w"},
      {R"(\bx)", "escape \\b"},
      {R"(\h)", "escape \\h"},
      {R"(\Kx)", "escape \\K"},
      {R"((a)\1)", "escape \\1"},
      {R"(\pL)", "a property without braces"},
      {R"(\p{Han})", "property \"Han\""},
      {R"(\p{L)", "an end in the middle"},
      {R"(\xE9)", "a raw byte above"},
      {R"(\x{110000})", "a number that is no character"},
      {R"(\u12)", "too few hexadecimal digits"},
      {"[[:alpha:]]", "a class inside a class"},
      {"[a&&b]", "a class inside a class"},
      {"[]a]", "a class that begins with ]"},
      {R"([a-\d])", "a range that does not rise"},
      {"[z-a]", "a range that does not rise"},
      {R"([\d-x])", "a - that is neither"},
      {"[ab", "an end in the middle"},
      {"(?i)a", "a kind of group"},
      {"(?<name>a)", "a kind of group"},
      {"(?m:.)", "a kind of group"},
      {"(*ACCEPT)", "a kind of group"},
      {"(a", "not closed"},
      {"a)", "a ) without its ("},
      {"*a", "nothing to repeat"},
      {"a**", "nothing to repeat"},
      {"(?=a)+", "nothing to repeat"},
      {"^*", "nothing to repeat"},
      {"a{", "neither escaped nor a rising interval"},
      {"a{3,2}", "neither escaped nor a rising interval"},
      {"a{2}?", "a ? behind a fixed count"},
      {"a{70000}", "more than 65535 repeats"},
      {"(?i:\u00E9)", "a character outside ASCII"},
      {"(?i:ss)", "one ligature"},
      {"(?i:offer)", "one ligature"},
      {"(?i:[^a])", "a negated class"},
      {R"((?i:\p{L}))", "a set of characters under"},
      {R"((?i:[\s]))", "a set of characters under"},
      {"(?<=a+)b", "cannot be compiled"},
  };
  for (const auto& refusal : refused) {
    const char* pattern = refusal.first;
    SCOPED_TRACE(pattern);
    ttx::test::expect_error(ExitCode::kCheckpoint, {"[tokenizer] regex \"", pattern, refusal.second},
                            [&] { matches(pattern, "a"); });
  }
}

TEST(Regex, RefusesANulCharacter) {
  ttx::test::expect_error(ExitCode::kCheckpoint, {"a NUL character"},
                          [] { read_regex_pattern(std::string_view("a\0b", 3)); });
}

TEST(Regex, ReportsAPatternThatNeverEnds) {
  ttx::test::expect_error(ExitCode::kFailure, {"[tokenizer] a regex search failed", "match limit"},
                          [] { matches("(?:a|aa)+b", std::string(60, 'a') + "cb"); });
}

TEST(SymbolMap, GivesOneSymbolToWhatNoSetTellsApart) {
  const std::vector<CodePointSet> sets = {CodePointSet({{U'a', U'f'}}), CodePointSet({{U'd', U'z'}}),
                                          CodePointSet()};
  const SymbolMap map(sets);
  EXPECT_EQ(map.symbol_count(), 4U);
  EXPECT_EQ(map.symbol(U'a'), map.symbol(U'c'));
  EXPECT_EQ(map.symbol(U'd'), map.symbol(U'f'));
  EXPECT_EQ(map.symbol(U'g'), map.symbol(U'z'));
  EXPECT_EQ(map.symbol(0), map.symbol(kLastCodePoint));
  EXPECT_EQ(map.symbols_of(0).size(), 2U);
  EXPECT_EQ(map.symbols_of(1).size(), 2U);
  EXPECT_TRUE(map.symbols_of(2).empty());
}

TEST(SymbolMap, RefusesMoreKindsThanAByteHolds) {
  std::vector<CodePointSet> sets;
  for (char32_t c = 0; c < 255; ++c) {
    sets.push_back(CodePointSet({{c, c}}));
  }
  EXPECT_EQ(SymbolMap(sets).symbol_count(), 256U);
  sets.push_back(CodePointSet({{1000, 1000}}));
  ttx::test::expect_error(ExitCode::kCheckpoint, {"too many kinds of characters", "257", "256"},
                          [&] { SymbolMap{sets}; });
}

}  // namespace
}  // namespace ttx::hf
