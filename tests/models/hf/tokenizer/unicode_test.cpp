// SPDX-License-Identifier: Apache-2.0
#include <string>

#include <gtest/gtest.h>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "models/hf/tokenizer/code_point_set.hpp"
#include "models/hf/tokenizer/normalizer.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using test::utf8;

std::size_t size_of(const CodePointSet& set) {
  std::size_t size = 0;
  for (const CodePointRange range : set.ranges()) {
    size += range.last - range.first + 1;
  }
  return size;
}

// Counted with the tokenizers library 0.23.3: how many of the 1,112,064 characters its regexes and flags tell
// apart.
TEST(CodePointSet, HasTheSizesOfUnicode16) {
  const std::pair<const char*, std::size_t> expected[] = {
      {"L", 141028}, {"N", 1911},  {"M", 2501},    {"P", 855},    {"S", 8514},    {"Z", 19},
      {"Lu", 1858},  {"Ll", 2258}, {"Lt", 31},     {"Lm", 404},   {"Lo", 136477}, {"Nd", 760},
      {"Nl", 236},   {"No", 915},  {"Co", 137468}, {"Cn", 819533}};
  for (const auto& [name, size] : expected) {
    const auto set = general_category(name);
    ASSERT_TRUE(set) << name;
    EXPECT_EQ(size_of(*set), size) << name;
  }
  EXPECT_EQ(size_of(white_space()), 25U);
  EXPECT_EQ(size_of(word_characters()), 144667U);
  EXPECT_EQ(size_of(numeric_characters()), 1924U);
}

TEST(CodePointSet, KnowsCharactersYoungerThanTheInstalledIcu) {
  const auto letters = general_category("L");
  ASSERT_TRUE(letters);
  EXPECT_TRUE(letters->contains(0x2EBF0));   // Unicode 15.1
  EXPECT_TRUE(letters->contains(0x1C89));    // Unicode 16.0
  EXPECT_FALSE(letters->contains(0x323B0));  // Unicode 17.0
  EXPECT_FALSE(letters->contains(0x301));
  EXPECT_TRUE(letters->contains(U'z'));
  EXPECT_FALSE(letters->contains(U'{'));
  EXPECT_TRUE(general_category("Nd")->contains(0x10D40));
  EXPECT_FALSE(general_category("Letter"));
}

TEST(CodePointSet, JoinsRangesThatTouch) {
  const CodePointSet set = {{5, 9}, {1, 2}, {10, 10}, {3, 3}, {7, 8}};
  ASSERT_EQ(set.ranges().size(), 2U);
  EXPECT_EQ(set.ranges()[0].last, 3U);
  EXPECT_EQ(set.ranges()[1].first, 5U);
  EXPECT_EQ(set.ranges()[1].last, 10U);
  EXPECT_TRUE(set.contains(1) && set.contains(10));
  EXPECT_FALSE(set.contains(0) || set.contains(4) || set.contains(11));
}

TEST(Utf8, FindsTheFirstInvalidByte) {
  EXPECT_EQ(first_invalid_utf8(""), std::string_view::npos);
  EXPECT_EQ(first_invalid_utf8("a\u00e9\u20ac\U0001F600"), std::string_view::npos);
  EXPECT_EQ(first_invalid_utf8("ab\xFFz"), 2U);
  EXPECT_EQ(first_invalid_utf8("\xC3"), 0U);              // cut
  EXPECT_EQ(first_invalid_utf8("a\xC0\x80"), 1U);         // overlong
  EXPECT_EQ(first_invalid_utf8("\xED\xA0\x80"), 0U);      // surrogate
  EXPECT_EQ(first_invalid_utf8("\xF4\x90\x80\x80"), 0U);  // beyond U+10FFFF
}

TEST(Utf8, RoundTripsEveryCharacter) {
  for (char32_t c = 0; c <= kLastCodePoint; ++c) {
    if (c >= 0xD800 && c <= 0xDFFF) {
      continue;
    }
    std::string text;
    append_utf8(text, c);
    std::size_t at = 0;
    ASSERT_EQ(first_invalid_utf8(text), std::string_view::npos);
    ASSERT_EQ(next_code_point(text, at), c);
    ASSERT_EQ(at, text.size());
  }
}

// The examples of the Unicode standard, section 3.9, tables 3-8 to 3-11.
TEST(Utf8, ReplacesEachMaximalPart) {
  const std::string r = "\uFFFD";
  EXPECT_EQ(replace_invalid_utf8("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(replace_invalid_utf8("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41"),
            r + r + r + r + r + r + r + r + "A");
  EXPECT_EQ(replace_invalid_utf8("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42"),
            r + r + r + r + r + "A" + r + r + "B");
  EXPECT_EQ(replace_invalid_utf8("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41"), r + r + r + r + "A");
}

TEST(ByteAlphabet, MapsEveryByteAndBack) {
  EXPECT_EQ(bytes_to_alphabet(" \n\t\ra~"), utf8(U"\u0120\u010A\u0109\u010Da~"));
  for (int byte = 0; byte < 256; ++byte) {
    const std::string one(1, static_cast<char>(byte));
    EXPECT_EQ(alphabet_to_bytes(bytes_to_alphabet(one)), one);
  }
  EXPECT_FALSE(alphabet_to_bytes("a b"));  // a space is no character of the alphabet
  EXPECT_FALSE(alphabet_to_bytes(utf8(U"\u0144")));
  EXPECT_FALSE(alphabet_to_bytes(utf8(U"\U0001F600")));
}

Normalizer normalizer(const nlohmann::json& part) { return Normalizer(JsonNode(part, "tokenizer.json")); }

TEST(Normalizer, AppliesTheFormsInOrder) {
  const std::string text = utf8(U"e\u0301 \u212B \uFB01 \u1100\u1161\u11A8");
  EXPECT_EQ(Normalizer().apply(text), text);
  EXPECT_EQ(normalizer({{"type", "NFC"}}).apply(text), utf8(U"\u00E9 \u00C5 \uFB01 \uAC01"));
  EXPECT_EQ(normalizer({{"type", "NFD"}}).apply(text), utf8(U"e\u0301 A\u030A \uFB01 \u1100\u1161\u11A8"));
  EXPECT_EQ(normalizer({{"type", "NFKC"}}).apply(text), utf8(U"\u00E9 \u00C5 fi \uAC01"));
  EXPECT_EQ(normalizer({{"type", "NFKD"}}).apply(text), utf8(U"e\u0301 A\u030A fi \u1100\u1161\u11A8"));
  const nlohmann::json sequence = {{"type", "Sequence"},
                                   {"normalizers", {{{"type", "NFKD"}}, {{"type", "NFC"}}}}};
  EXPECT_EQ(normalizer(sequence).apply(text), utf8(U"\u00E9 \u00C5 fi \uAC01"));
}

TEST(Normalizer, LeavesCharactersYoungerThanUnicode9) {
  const Normalizer nfc = normalizer({{"type", "NFC"}});
  const std::string composed_in_unicode_13 = utf8(U"\U00011935\U00011930");
  EXPECT_EQ(nfc.apply(composed_in_unicode_13), composed_in_unicode_13);
  // U+0898 (Unicode 14) has a combining class, but not in Unicode 9: it stays where it is and keeps e and
  // acute apart.
  const std::string kept_apart = utf8(U"e\u0898\u0301");
  EXPECT_EQ(nfc.apply(kept_apart), kept_apart);
  EXPECT_EQ(nfc.apply(utf8(U"e\u0323\u0301")), utf8(U"\u1EB9\u0301"));
}

TEST(Normalizer, PrependsReplacesAndStrips) {
  const auto prepend = normalizer({{"type", "Prepend"}, {"prepend", "_"}});
  EXPECT_EQ(prepend.apply("_a"), "__a");
  EXPECT_EQ(prepend.apply(""), "");
  EXPECT_EQ(
      normalizer({{"type", "Replace"}, {"pattern", {{"String", "aa"}}}, {"content", "b"}}).apply("aaaaa"),
      "bba");
  EXPECT_EQ(normalizer({{"type", "Replace"}, {"pattern", {{"String", ""}}}, {"content", "-"}}).apply("ab"),
            "-a-b-");
  EXPECT_EQ(
      normalizer({{"type", "Replace"}, {"pattern", {{"Regex", "[ab]+"}}}, {"content", "$0"}}).apply("xabyb"),
      "x$0y$0");
  const auto strip = [](bool left, bool right) {
    return normalizer({{"type", "Strip"}, {"strip_left", left}, {"strip_right", right}});
  };
  const std::string text = utf8(U"\u3000 a b\n");
  EXPECT_EQ(strip(true, true).apply(text), "a b");
  EXPECT_EQ(strip(true, false).apply(text), "a b\n");
  EXPECT_EQ(strip(false, true).apply(text), utf8(U"\u3000 a b"));
  EXPECT_EQ(strip(true, true).apply(" \t"), "");
}

TEST(Normalizer, RefusesOtherTypesByName) {
  ttx::test::expect_error(
      ExitCode::kCheckpoint,
      {"[tokenizer] normalizer type \"Lowercase\" is not supported", "tokenizer.json", "NFKD"}, [] {
        normalizer({{"type", "Lowercase"}});
      });
}

}  // namespace
}  // namespace ttx::hf
