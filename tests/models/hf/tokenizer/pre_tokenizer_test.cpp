// SPDX-License-Identifier: Apache-2.0
// Expected pieces were checked with the tokenizers library.
#include "models/hf/tokenizer/pre_tokenizer.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "models/hf/tokenizer/split.hpp"
#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::utf8;
using Texts = std::vector<std::string>;

Texts pieces(const json& part, const std::string& text, bool at_start = true) {
  std::vector<Piece> all = {{text, at_start}};
  for (const auto& step : read_pre_tokenizer(JsonNode(part, "tokenizer.json"))) {
    step->apply(all);
  }
  Texts texts;
  for (const Piece& piece : all) {
    texts.push_back(piece.text);
  }
  return texts;
}

json split_part(const json& pattern, const char* behavior, bool invert = false) {
  return {{"type", "Split"}, {"pattern", pattern}, {"behavior", behavior}, {"invert", invert}};
}

json byte_level(bool add_prefix_space) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", add_prefix_space}, {"trim_offsets", true}};
}

TEST(Split, TreatsMatchesAsTheBehaviorSays) {
  const json dash = {{"String", "-"}};
  const std::string text = "the-final--countdown";
  EXPECT_EQ(pieces(split_part(dash, "Removed"), text), (Texts{"the", "final", "countdown"}));
  EXPECT_EQ(pieces(split_part(dash, "Isolated"), text), (Texts{"the", "-", "final", "-", "-", "countdown"}));
  EXPECT_EQ(pieces(split_part(dash, "MergedWithPrevious"), text),
            (Texts{"the-", "final-", "-", "countdown"}));
  EXPECT_EQ(pieces(split_part(dash, "MergedWithNext"), text), (Texts{"the", "-final", "-", "-countdown"}));
  EXPECT_EQ(pieces(split_part(dash, "Contiguous"), text), (Texts{"the", "-", "final", "--", "countdown"}));
}

TEST(Split, TurnsMatchesAndGapsRound) {
  const json dash = {{"String", "-"}};
  const std::string text = "-ab--c";
  EXPECT_EQ(pieces(split_part(dash, "Removed", true), text), (Texts{"-", "-", "-"}));
  EXPECT_EQ(pieces(split_part(dash, "Isolated", true), text), (Texts{"-", "ab", "-", "-", "c"}));
  EXPECT_EQ(pieces(split_part(dash, "MergedWithPrevious", true), text), (Texts{"-ab", "-", "-c"}));
  EXPECT_EQ(pieces(split_part(dash, "MergedWithNext", true), text), (Texts{"-", "ab-", "-", "c"}));
  EXPECT_EQ(pieces(split_part(dash, "Contiguous", true), text), (Texts{"-", "ab", "--", "c"}));
}

TEST(Split, CutsAtRegexAndAtLiteralText) {
  EXPECT_EQ(pieces(split_part({{"Regex", R"(\p{N}{1,3})"}}, "Isolated"), "ab12345c"),
            (Texts{"ab", "123", "45", "c"}));
  EXPECT_EQ(pieces(split_part({{"String", "a+"}}, "Isolated"), "aaa+a"), (Texts{"aa", "a+", "a"}));
  EXPECT_EQ(pieces(split_part({{"String", ""}}, "Isolated"), "abc"), (Texts{"a", "b", "c"}));
}

// The pattern of Qwen2 and Qwen3 on its doubtful cases.
TEST(Split, CutsAsQwen) {
  const json qwen = {
      {"Regex", R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*)"
                R"(|\s*[\r\n]+|\s+(?!\S)|\s+)"}};
  const auto cut = [&](const std::string& text) { return pieces(split_part(qwen, "Isolated"), text); };
  EXPECT_EQ(cut("I'Ll  go\n\n now 42!?\n"),
            (Texts{"I", "'Ll", " ", " go", "\n\n", " now", " ", "4", "2", "!?\n"}));
  EXPECT_EQ(cut(utf8(U"a'\u017Fx \u00BD\u2167")),
            (Texts{"a", utf8(U"'\u017F"), "x", " ", utf8(U"\u00BD"), utf8(U"\u2167")}));
  EXPECT_EQ(cut(" \n \n  x"), (Texts{" \n \n", " ", " x"}));
  EXPECT_EQ(cut(utf8(U"e\u0301a\u200Bb")), (Texts{"e", utf8(U"\u0301a"), utf8(U"\u200Bb")}));
  EXPECT_EQ(cut(utf8(U"\U0002EBF0\u1C89.")),
            (Texts{utf8(U"\U0002EBF0\u1C89"), "."}));  // letters of 15.1 and 16.0
}

TEST(ByteLevel, CutsByGpt2UnlessToldOtherwise) {
  const auto shown = [](Texts texts) {
    for (std::string& text : texts) {
      text = bytes_to_alphabet(text);
    }
    return texts;
  };
  json part = byte_level(false);
  EXPECT_EQ(pieces(part, "don't  go 42 \n"), shown({"don", "'t", " ", " go", " 42", " \n"}));
  part["use_regex"] = true;
  EXPECT_EQ(pieces(part, "a b"), shown({"a", " b"}));
  part["use_regex"] = false;
  EXPECT_EQ(pieces(part, "a b"), shown({"a b"}));
}

TEST(ByteLevel, PutsASpaceBeforeEachPieceThatHasNone) {
  EXPECT_EQ(pieces(byte_level(true), "ab"), Texts{bytes_to_alphabet(" ab")});
  EXPECT_EQ(pieces(byte_level(true), " ab"), Texts{bytes_to_alphabet(" ab")});
  json last = byte_level(true);
  last["use_regex"] = false;
  const json both = {{"type", "Sequence"},
                     {"pretokenizers", {split_part({{"String", "-"}}, "Removed"), last}}};
  EXPECT_EQ(pieces(both, "a- b-c"),
            (Texts{bytes_to_alphabet(" a"), bytes_to_alphabet(" b"), bytes_to_alphabet(" c")}));
}

TEST(Digits, CutsOutNumbers) {
  const std::string text = utf8(U"a12\u00BD\u0663b\U00011DE0");
  EXPECT_EQ(pieces({{"type", "Digits"}, {"individual_digits", false}}, text),
            (Texts{"a", utf8(U"12\u00BD\u0663"), "b", utf8(U"\U00011DE0")}));
  EXPECT_EQ(pieces({{"type", "Digits"}, {"individual_digits", true}}, text),
            (Texts{"a", "1", "2", utf8(U"\u00BD"), utf8(U"\u0663"), "b", utf8(U"\U00011DE0")}));
}

json metaspace(const json& more = json::object()) {
  json part = {{"type", "Metaspace"}, {"replacement", "_"}};
  part.update(more);
  return part;
}

TEST(Metaspace, CutsBeforeEachMark) {
  EXPECT_EQ(pieces(metaspace(), "a  b c "), (Texts{"_a", "_", "_b", "_c", "_"}));
  EXPECT_EQ(pieces(metaspace({{"prepend_scheme", "never"}}), "a b_c"), (Texts{"a", "_b", "_c"}));
  EXPECT_EQ(pieces(metaspace({{"split", false}}), "a b"), Texts{"_a_b"});
  EXPECT_EQ(pieces(metaspace({{"split", nullptr}}), " a"), Texts{"_a"});  // already there
}

TEST(Metaspace, PrependsAsTheSchemeSays) {
  const json always = metaspace({{"prepend_scheme", "always"}, {"split", false}});
  const json first = metaspace({{"prepend_scheme", "first"}, {"split", false}});
  EXPECT_EQ(pieces(always, "a", false), Texts{"_a"});
  EXPECT_EQ(pieces(first, "a", false), Texts{"a"});
  EXPECT_EQ(pieces(first, "a"), Texts{"_a"});
  // After another step only the piece that begins the text counts as first.
  const json dash = split_part({{"String", "-"}}, "Removed");
  EXPECT_EQ(pieces({{"type", "Sequence"}, {"pretokenizers", {dash, first}}}, "a-b"), (Texts{"_a", "b"}));
  EXPECT_EQ(pieces({{"type", "Sequence"}, {"pretokenizers", {dash, first}}}, "-a"), Texts{"a"});
  EXPECT_EQ(pieces({{"type", "Sequence"}, {"pretokenizers", {dash, always}}}, "a-b"), (Texts{"_a", "_b"}));
}

TEST(Metaspace, ReadsTheOlderSpelling) {
  EXPECT_EQ(pieces(metaspace({{"add_prefix_space", false}, {"str_rep", "x"}}), "a b"), (Texts{"a", "_b"}));
  EXPECT_EQ(pieces(metaspace({{"add_prefix_space", true}}), "a"), Texts{"_a"});
  EXPECT_EQ(pieces(metaspace({{"add_prefix_space", true}, {"prepend_scheme", "never"}}), "a"), Texts{"a"});
}

TEST(PreTokenizer, RunsNestedSequencesInOrder) {
  const json inner = {{"type", "Sequence"}, {"pretokenizers", {split_part({{"String", "b"}}, "Isolated")}}};
  const json outer = {
      {"type", "Sequence"},
      {"pretokenizers", {split_part({{"String", "a"}}, "Removed"), inner, byte_level(false)}}};
  EXPECT_EQ(pieces(outer, "cacbc"), (Texts{"c", "c", "b", "c"}));
  EXPECT_EQ(pieces({{"type", "Sequence"}, {"pretokenizers", json::array()}}, "a b"), Texts{"a b"});
}

TEST(PreTokenizer, ReadsDeepNesting) {
  json part = byte_level(false);
  for (int depth = 0; depth < 2000; ++depth) {
    json list = json::array();
    list.push_back(std::move(part));
    part = {{"type", "Sequence"}};
    part["pretokenizers"] = std::move(list);
  }
  EXPECT_EQ(pieces(part, "a"), Texts{"a"});
}

TEST(PreTokenizer, RefusesOtherTypesByName) {
  for (const char* type : {"Whitespace", "Punctuation", "BertPreTokenizer", "UnicodeScripts"}) {
    ttx::test::expect_error(
        ExitCode::kCheckpoint,
        {std::string("[tokenizer] pre_tokenizer type \"") + type + "\" is not supported", "tokenizer.json"},
        [&] {
          pieces({{"type", type}}, "a");
        });
  }
}

TEST(PreTokenizer, RefusesDamagedParts) {
  const auto refuses = [](const json& part, std::initializer_list<std::string_view> texts) {
    ttx::test::expect_error(ExitCode::kCheckpoint, texts, [&] { pieces(part, "a"); });
  };
  refuses({{"pattern", 1}}, {"key \"type\" is missing"});
  refuses({{"type", 5}}, {"got 5, expected a string", "type in tokenizer.json"});
  refuses(split_part({{"String", "a"}}, "Joined"), {"got \"Joined\", expected Removed, Isolated"});
  refuses(split_part({{"Text", "a"}}, "Isolated"),
          {"key \"String\" is missing", "pattern in tokenizer.json"});
  refuses(split_part({{"Regex", "("}}, "Isolated"), {"regex \"(\" is not supported"});
  refuses({{"type", "Split"}, {"pattern", {{"String", "a"}}}, {"behavior", "Isolated"}},
          {"key \"invert\" is missing"});
  refuses({{"type", "Sequence"}, {"pretokenizers", 3}}, {"got 3, expected an array"});
  refuses({{"type", "ByteLevel"}, {"add_prefix_space", "no"}}, {"got \"no\", expected true or false"});
  refuses(metaspace({{"replacement", "ab"}}), {"got \"ab\", expected one character"});
  refuses(metaspace({{"replacement", ""}}), {"expected one character"});
  refuses(metaspace({{"prepend_scheme", "last"}}), {"got \"last\", expected always, first or never"});
  refuses(metaspace({{"prepend_scheme", "first"}, {"add_prefix_space", false}}),
          {"got \"first\", expected \"never\", for add_prefix_space is false"});
  refuses({{"type", "Digits"}}, {"key \"individual_digits\" is missing"});
}

}  // namespace
}  // namespace ttx::hf
