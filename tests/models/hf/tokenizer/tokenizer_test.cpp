// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/tokenizer.hpp"

#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::ascii_tokenizer;
using test::encode;
using test::utf8;
using Ids = std::vector<std::int32_t>;

/// A real shape in small: the byte alphabet (id = byte), ByteLevel parts, Qwen's pre-tokenizer and NFC.
json byte_tokenizer() {
  json vocab = json::object();
  for (int byte = 0; byte < 256; ++byte) {
    vocab[bytes_to_alphabet(std::string(1, static_cast<char>(byte)))] = byte;
  }
  const json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};
  const json split = {{"type", "Split"},
                      {"pattern",
                       {{"Regex", R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3})"
                                  R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"}}},
                      {"behavior", "Isolated"},
                      {"invert", false}};
  return {{"version", "1.0"},
          {"normalizer", {{"type", "NFC"}}},
          {"pre_tokenizer", {{"type", "Sequence"}, {"pretokenizers", {split, byte_level}}}},
          {"decoder", byte_level},
          {"model", {{"type", "BPE"}, {"vocab", vocab}, {"merges", json::array()}}}};
}

TEST(Tokenizer, RoundTripsText) {
  const Tokenizer t = test::load(byte_tokenizer());
  const std::string text = utf8(U"Hello, \u4F60\u597D\n\n 123 \U0001F600 don't\t\u0000x");
  const Ids ids = encode(t, text);
  EXPECT_EQ(ids.size(), text.size());  // no merges: one id per byte
  EXPECT_EQ(t.decode(ids, SkipSpecialTokens::kNo), text);
  EXPECT_EQ(encode(t, ""), Ids{});
  EXPECT_EQ(t.decode(Ids{}, SkipSpecialTokens::kNo), "");
}

TEST(Tokenizer, GivesBackTheNormalizedText) {
  const Tokenizer t = test::load(byte_tokenizer());
  EXPECT_EQ(t.decode(encode(t, utf8(U"e\u0301")), SkipSpecialTokens::kNo), utf8(U"\u00E9"));
}

TEST(Tokenizer, DecodesPartsOfACharacter) {
  const Tokenizer t = test::load(byte_tokenizer());
  const Ids face = encode(t, utf8(U"a\U0001F600"));
  for (std::size_t n = 2; n < face.size(); ++n) {
    EXPECT_EQ(t.decode(std::span(face).first(n), SkipSpecialTokens::kNo), utf8(U"a\uFFFD")) << n;
  }
  EXPECT_EQ(t.decode(Ids{0xF0, 'a', 0x9F, 0x98}, SkipSpecialTokens::kNo), utf8(U"\uFFFDa\uFFFD\uFFFD"));
  EXPECT_EQ(t.decode(Ids{-1, 'a', 256, 1 << 30}, SkipSpecialTokens::kNo), "a");
}

TEST(Tokenizer, JoinsTokensWithSpacesWithoutDecoder) {
  EXPECT_EQ(test::load(ascii_tokenizer()).decode(Ids{'a', 'b'}, SkipSpecialTokens::kNo), "a b");
}

TEST(Tokenizer, RunsDecodersInOrder) {
  json file = byte_tokenizer();
  const json one = file["decoder"];
  file["decoder"] = {{"type", "Sequence"}, {"decoders", {one, one}}};
  const std::string once = bytes_to_alphabet(utf8(U"\u00E9"));  // two characters of the alphabet
  const Tokenizer t = test::load(file);
  EXPECT_EQ(t.decode(encode(t, once), SkipSpecialTokens::kNo), utf8(U"\u00E9"));
}

TEST(Tokenizer, NamesTheFirstByteThatIsNotUtf8) {
  const Tokenizer t = test::load(byte_tokenizer());
  ttx::test::expect_error(ExitCode::kFailure,
                          {"[tokenizer] the text is not UTF-8: got byte 0xFF at offset 3"},
                          [&] { encode(t, "ab\n\xFFz"); });
  ttx::test::expect_error(ExitCode::kFailure, {"got byte 0xE2 at offset 1"}, [&] { encode(t, "a\xE2\x82"); });
}

TEST(Tokenizer, HasNoTemplateWhenThereIsNone) {
  const Tokenizer t = test::load(byte_tokenizer());
  EXPECT_EQ(t.encode("a", AddSpecialTokens::kYes), Ids{'a'});
}

json template_part(const json& single) {
  return {{"type", "TemplateProcessing"},
          {"single", single},
          {"special_tokens", {{"[x]", {{"id", "[x]"}, {"ids", {7, 8}}, {"tokens", {"a", "b"}}}}}}};
}

json special(const char* id) { return {{"SpecialToken", {{"id", id}, {"type_id", 0}}}}; }
json sequence(const char* id) { return {{"Sequence", {{"id", id}, {"type_id", 0}}}}; }

TEST(PostProcessor, FillsTheTemplate) {
  json file = byte_tokenizer();
  file["post_processor"] = {{"type", "Sequence"},
                            {"processors",
                             {{{"type", "ByteLevel"}, {"trim_offsets", true}},
                              template_part({special("[x]"), sequence("A"), special("[x]")})}}};
  const Tokenizer t = test::load(file);
  EXPECT_EQ(t.encode("a", AddSpecialTokens::kYes), (Ids{7, 8, 'a', 7, 8}));
  EXPECT_EQ(t.encode("", AddSpecialTokens::kYes), (Ids{7, 8, 7, 8}));
  EXPECT_EQ(t.encode("a", AddSpecialTokens::kNo), Ids{'a'});
}

TEST(PostProcessor, RefusesTemplatesItCannotFill) {
  const auto refuses = [](const json& part, std::initializer_list<std::string_view> texts) {
    json file = byte_tokenizer();
    file["post_processor"] = part;
    ttx::test::expect_error(ExitCode::kCheckpoint, texts, [&] { test::load(file); });
  };
  refuses(template_part({sequence("B"), sequence("A")}), {"got \"B\", expected \"A\""});
  refuses(template_part({special("[y]"), sequence("A")}), {"key \"[y]\" is missing"});
  refuses(template_part({sequence("A"), {{"Text", 1}}}), {"key \"SpecialToken\" is missing", "single[1] in"});
  const json plain = template_part(json::array({sequence("A")}));
  refuses({{"type", "Sequence"}, {"processors", {plain, plain}}},
          {"two TemplateProcessing steps are not supported"});
  json wrong_id = plain;
  wrong_id["special_tokens"]["[x]"]["ids"][0] = -3;
  wrong_id["single"].push_back(special("[x]"));
  refuses(wrong_id, {"got -3, expected an integer from 0 to"});
}

// A quadratic merge loop, a regex that recurses, or one that tries every length would take minutes or die.
TEST(Tokenizer, TakesAMegabyteOfOneCharacter) {
  json file = byte_tokenizer();
  json& model = file["model"];
  std::string part = bytes_to_alphabet(" ");
  for (std::string letter : {part, std::string("a"), std::string("1"), bytes_to_alphabet("\n")}) {
    for (int i = 0; i < 6; ++i) {
      model["merges"].push_back(json::array({letter, letter}));
      letter += letter;
      model["vocab"][letter] = model["vocab"].size();
    }
  }
  const Tokenizer t = test::load(file);
  constexpr std::size_t kSize = std::size_t{1} << 20;
  constexpr std::size_t kLess = std::size_t{1} << 16;
  EXPECT_EQ(encode(t, std::string(kSize, 'a')).size(), kSize / 64);
  EXPECT_EQ(encode(t, std::string(kSize, ' ')).size(), kSize / 64);
  EXPECT_EQ(encode(t, std::string(kLess, '\n')).size(), kLess / 64);
  EXPECT_EQ(encode(t, std::string(kLess, '1')).size(),
            kLess / 3 * 2 + 1);  // pieces of 3: 11 1; one 1 is left over
  EXPECT_EQ(encode(t, std::string(kLess, ' ') + "b").size(),
            kLess / 64 + 6 + 1);  // the last space goes with the b
  EXPECT_EQ(encode(t, std::string(kLess, '!')).size(), kLess);
}

TEST(Tokenizer, CanBeUsedByThreadsAtOnce) {
  const Tokenizer t = test::load(byte_tokenizer());
  const std::string text = utf8(U"Hello, e\u0301\u4F60 123 ");
  const Ids expected = encode(t, text);
  std::vector<std::thread> threads;
  std::vector<int> equal(4, 0);
  for (int& count : equal) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        count += encode(t, text) == expected ? 1 : 0;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(equal, std::vector<int>(4, 200));
}

}  // namespace
}  // namespace ttx::hf
