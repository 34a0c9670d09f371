// SPDX-License-Identifier: Apache-2.0
// Expected ids were checked with the tokenizers library.
#include "models/hf/tokenizer/added_tokens.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::added_token;
using test::ascii_tokenizer;
using test::encode;
using test::utf8;
using Ids = std::vector<std::int32_t>;

constexpr int kFirst = 127;  // the first id behind the ASCII characters

json with_added(std::initializer_list<json> tokens) {
  json file = ascii_tokenizer();
  for (const json& token : tokens) {
    file["added_tokens"].push_back(token);
  }
  return file;
}

json flagged(json token, std::initializer_list<const char*> flags) {
  for (const char* flag : flags) {
    token[flag] = true;
  }
  return token;
}

TEST(TokenMatcher, TakesTheLeftmostThenTheLongest) {
  const TokenMatcher matcher({{"ab", 1}, {"abcd", 2}, {"bcde", 3}, {"b", 4}, {"\xC3\xA9", 5}});
  const auto found = [&](std::string_view text) {
    std::vector<std::pair<std::size_t, std::int32_t>> all;
    for (const auto& match : matcher.find_all(text)) {
      all.emplace_back(match.span.begin, match.id);
    }
    return all;
  };
  using Found = std::vector<std::pair<std::size_t, std::int32_t>>;
  EXPECT_EQ(found("xabcde"), (Found{{1, 2}}));
  EXPECT_EQ(found("abcx"), (Found{{0, 1}}));
  EXPECT_EQ(found("bcdeb"), (Found{{0, 3}, {4, 4}}));
  EXPECT_EQ(found("bcd\u00e9\u00e8"), (Found{{0, 4}, {3, 5}}));
  EXPECT_EQ(found(""), Found{});
  EXPECT_TRUE(TokenMatcher().find_all("abc").empty());
}

TEST(TokenMatcher, RefusesOneTextTwice) {
  ttx::test::expect_error(ExitCode::kCheckpoint, {"two added tokens have one text", "\"x\"", "7", "9"}, [] {
    TokenMatcher({{"x", 7}, {"y", 8}, {"x", 9}});
  });
}

TEST(AddedTokens, AreFoundInTheText) {
  const Tokenizer t = test::load(with_added({added_token(kFirst, "<s>"), added_token(kFirst + 1, "<sep>")}));
  EXPECT_EQ(encode(t, "a<sep><s>b<s"), (Ids{'a', kFirst + 1, kFirst, 'b', '<', 's'}));
  EXPECT_EQ(t.vocab_size(), kFirst + 2);
  EXPECT_EQ(t.token_to_id("<sep>"), kFirst + 1);
  EXPECT_EQ(t.id_to_token(kFirst), "<s>");
}

TEST(AddedTokens, KeepTheVocabularysId) {
  const Tokenizer t = test::load(with_added({added_token('x', "x"), added_token(kFirst, "yy")}));
  EXPECT_EQ(encode(t, "xyy"), (Ids{'x', kFirst}));
  EXPECT_EQ(t.vocab_size(), kFirst + 1);
}

TEST(AddedTokens, StripWhiteSpaceBesideThem) {
  const Tokenizer t = test::load(with_added({flagged(added_token(kFirst, "<l>"), {"lstrip"}),
                                             flagged(added_token(kFirst + 1, "<r>"), {"rstrip"})}));
  EXPECT_EQ(encode(t, utf8(U"a \u3000\n<l> b")), (Ids{'a', kFirst, ' ', 'b'}));
  EXPECT_EQ(encode(t, utf8(U"a <r>\u00A0\tb")), (Ids{'a', ' ', kFirst + 1, 'b'}));
  EXPECT_EQ(encode(t, "<r>  <l> "), (Ids{kFirst + 1, kFirst, ' '}));
  EXPECT_EQ(encode(t, utf8(U"\u200B<l>")), Ids{kFirst});  // no white space; no token either
}

TEST(AddedTokens, ThatStripReachOverTheNextMatch) {
  const Tokenizer t =
      test::load(with_added({flagged(added_token(kFirst, "<r>"), {"rstrip"}), added_token('\n', "\n"),
                             flagged(added_token('\t', "\t"), {"lstrip"})}));
  EXPECT_EQ(encode(t, "<r>\n\na"), (Ids{kFirst, '\n', '\n', 'a'}));
  EXPECT_EQ(encode(t, "<r>\ta"), (Ids{kFirst, 'a'}));
}

TEST(AddedTokens, StandAloneWhenSingleWord) {
  const Tokenizer t = test::load(with_added({flagged(added_token(kFirst, "ab"), {"single_word"})}));
  EXPECT_EQ(encode(t, "ab ab.ab"), (Ids{kFirst, ' ', kFirst, '.', kFirst}));
  EXPECT_EQ(encode(t, "xab abx _ab"), (Ids{'x', 'a', 'b', ' ', 'a', 'b', 'x', ' ', '_', 'a', 'b'}));
  // Marks, digits and joiners are word characters, signs and other numbers are not.
  for (const char32_t beside : {U'\u0301', U'\u0663', U'\u200D', U'\u00E9', U'\U0001E5D0'}) {
    EXPECT_EQ(encode(t, utf8(std::u32string{beside}) + "ab"), (Ids{'a', 'b'}))
        << static_cast<unsigned>(beside);
    EXPECT_EQ(encode(t, "ab" + utf8(std::u32string{beside})), (Ids{'a', 'b'}))
        << static_cast<unsigned>(beside);
  }
  for (const char32_t beside : {U'\u00BD', U'\u20AC', U'\U0001F600'}) {
    EXPECT_EQ(encode(t, utf8(std::u32string{beside}) + "ab"), Ids{kFirst}) << static_cast<unsigned>(beside);
  }
}

TEST(AddedTokens, NormalizedOnesAreFoundInTheNormalizedText) {
  json file = with_added({flagged(added_token(kFirst, utf8(U"\u212B")), {"normalized"}),
                          added_token(kFirst + 1, utf8(U"e\u0301"))});
  file["normalizer"] = {{"type", "NFC"}};
  const Tokenizer t = test::load(file);
  EXPECT_EQ(encode(t, utf8(U"\u212BA\u030A\u00C5")), (Ids{kFirst, kFirst, kFirst}));
  EXPECT_EQ(encode(t, utf8(U"e\u0301\u00E9")), Ids{kFirst + 1});  // the composed form is no token
  EXPECT_EQ(t.decode(Ids{kFirst}, SkipSpecialTokens::kNo), utf8(U"\u00C5"));
}

TEST(AddedTokens, AreLeftOutWhenSpecial) {
  const Tokenizer t = test::load(
      with_added({flagged(added_token(kFirst, "<s>"), {"special"}), added_token(kFirst + 1, "<t>")}));
  const Ids ids = {kFirst, 'a', kFirst + 1};
  EXPECT_EQ(t.decode(ids, SkipSpecialTokens::kNo), "<s> a <t>");
  EXPECT_EQ(t.decode(ids, SkipSpecialTokens::kYes), "a <t>");
}

TEST(AddedTokens, WithoutContentAreIgnored) {
  const Tokenizer t = test::load(with_added({added_token(5000, "")}));
  EXPECT_EQ(encode(t, "a"), Ids{'a'});
  EXPECT_EQ(t.vocab_size(), kFirst);
}

TEST(AddedTokens, RefuseAnIdThatTheLibraryWouldNotGive) {
  const auto refuses = [](const json& file, std::initializer_list<std::string_view> texts) {
    ttx::test::expect_error(ExitCode::kCheckpoint, texts, [&] { test::load(file); });
  };
  refuses(with_added({added_token(500, "<s>")}), {"added token \"<s>\"", "got 500, expected 127"});
  refuses(with_added({added_token(kFirst, "a")}), {"added token \"a\"", "got 127, expected 97"});
  json holes = with_added({added_token(2, "<s>")});
  holes["model"]["vocab"] = {{"a", 0}, {"b", 2}};
  refuses(holes, {"the next free id, 2, for added token \"<s>\" is taken: got \"b\""});
}

TEST(AddedTokens, RefuseMissingAndWrongFlags) {
  for (const char* key : {"id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"}) {
    json token = added_token(kFirst, "<s>");
    token.erase(key);
    ttx::test::expect_error(ExitCode::kCheckpoint,
                            {std::string("key \"") + key + "\" is missing", "added_tokens[0] in"},
                            [&] { test::load(with_added({token})); });
    token[key] = json::array();
    ttx::test::expect_error(ExitCode::kCheckpoint,
                            {std::string("added_tokens[0].") + key + " in", "got an array"},
                            [&] { test::load(with_added({token})); });
  }
}

}  // namespace
}  // namespace ttx::hf
