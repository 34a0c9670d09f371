// SPDX-License-Identifier: Apache-2.0
// What the tokenizers library made of thousands of strings, as hashes of blocks of them, against ours:
// tokenizers of SentencePiece's form that lie here, and full-size ones where they are at hand.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/common/text_streamer.hpp"
#include "models/hf/tokenizer/tokenizer.hpp"
#include "tests/models/hf/real_tokenizers.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

using Ids = std::vector<std::int32_t>;
using nlohmann::json;

constexpr std::size_t kBlock = 100;
constexpr std::size_t kSampleEvery = 37;
constexpr std::size_t kMany = 10000;

json read(const std::string& name) {
  std::ifstream file(std::string(TTX_FIXTURES "/tokenizers/") + name);
  EXPECT_TRUE(file.is_open()) << name;
  return json::parse(file);
}

std::vector<std::string> strings() { return read("strings.json").get<std::vector<std::string>>(); }

/// The strings, then pairs of them, as tokenizer_digests.py pairs them.
std::vector<std::string> many_strings() {
  std::vector<std::string> all = strings();
  const std::size_t size = all.size();
  for (std::size_t i = size; i < kMany; ++i) {
    all.push_back(all[i * 7919 % size] + all[(i * 104729 + 1) % size]);
  }
  return all;
}

/// 64-bit FNV-1a.
std::string fnv(std::string_view data) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char byte : data) {
    value = (value ^ static_cast<unsigned char>(byte)) * 0x100000001B3;
  }
  return fmt::format("{:016x}", value);
}

Ids ids_of(const json& values) {
  Ids ids;
  for (const json& value : values) {
    ids.push_back(static_cast<std::int32_t>(value.get<std::uint32_t>()));
  }
  return ids;
}

void expect_digests(const Tokenizer& tokenizer, const std::vector<std::string>& texts, const json& expected,
                    std::size_t sample_every) {
  for (std::size_t i = 0; i < expected["sample"].size(); ++i) {
    const std::string& text = texts[i * sample_every];
    EXPECT_EQ(tokenizer.encode(text, AddSpecialTokens::kNo), ids_of(expected["sample"][i])) << json(text);
  }
  const Ids before = ids_of(expected["around"][0]);
  const Ids behind = ids_of(expected["around"][1]);
  EXPECT_EQ(tokenizer.special_prefix(), before);
  EXPECT_EQ(tokenizer.num_special_tokens(), static_cast<std::int64_t>(before.size() + behind.size()));
  ASSERT_EQ(texts.size(), expected["blocks"].size() * kBlock);
  for (std::size_t block = 0; block < expected["blocks"].size(); ++block) {
    std::string data;
    for (std::size_t i = block * kBlock; i < (block + 1) * kBlock; ++i) {
      Ids ids = tokenizer.encode(texts[i], AddSpecialTokens::kNo);
      data += fmt::format("{}\n", fmt::join(ids, " "));
      data += tokenizer.decode(ids, SkipSpecialTokens::kNo) + '\0';
      data += tokenizer.decode(ids, SkipSpecialTokens::kYes) + '\0';
      ids.insert(ids.begin(), before.begin(), before.end());
      ids.insert(ids.end(), behind.begin(), behind.end());
      EXPECT_EQ(tokenizer.encode(texts[i], AddSpecialTokens::kYes), ids) << json(texts[i]);
    }
    EXPECT_EQ(fnv(data), expected["blocks"][block]) << "strings " << block * kBlock << " and the next";
  }
}

class SentencePieceForm : public ::testing::TestWithParam<const char*> {
 protected:
  SentencePieceForm()
      : tokenizer_(Tokenizer::load(std::string(TTX_FIXTURES "/tokenizers/") + GetParam())),
        expected_(read("sentencepiece.json").at(GetParam())) {}

  Tokenizer tokenizer_;
  json expected_;
};

TEST_P(SentencePieceForm, GivesTheIdsAndTextsOfTheLibrary) {
  expect_digests(tokenizer_, strings(), expected_, kSampleEvery);
}

TEST_P(SentencePieceForm, TakesMarksInTheText) {
  ASSERT_GT(expected_["marked"].size(), 20U);
  for (const json& one : expected_["marked"]) {
    SCOPED_TRACE(one[0].dump(-1, ' ', true));
    const Ids ids = ids_of(one[1]);
    EXPECT_EQ(tokenizer_.encode(one[0].get<std::string>(), AddSpecialTokens::kNo), ids);
    EXPECT_EQ(tokenizer_.decode(ids, SkipSpecialTokens::kNo), one[2].get<std::string>());
    EXPECT_EQ(tokenizer_.decode(ids, SkipSpecialTokens::kYes), one[3].get<std::string>());
  }
}

TEST_P(SentencePieceForm, DecodesBrokenBytesAndIdsWithoutTokens) {
  ASSERT_GT(expected_["decode_cases"].size(), 80U);
  for (const json& one : expected_["decode_cases"]) {
    SCOPED_TRACE(one.dump(-1, ' ', true));
    EXPECT_EQ(tokenizer_.decode(ids_of(one[0]), SkipSpecialTokens::kNo), one[1].get<std::string>());
    EXPECT_EQ(tokenizer_.decode(ids_of(one[0]), SkipSpecialTokens::kYes), one[2].get<std::string>());
  }
}

TEST_P(SentencePieceForm, StreamsTheTextInThePiecesOfTransformers) {
  for (const json& one : expected_["streamed"]) {
    SCOPED_TRACE(one.dump(-1, ' ', true));
    std::vector<std::string> pieces;
    TextStreamer streamer(tokenizer_, TextStreamer::Prompt::kShow,
                          [&](std::string_view piece) { pieces.emplace_back(piece); });
    for (const std::int32_t id : ids_of(one[0])) {
      streamer.put(std::span(&id, 1));
    }
    streamer.end();
    EXPECT_EQ(pieces, one[1].get<std::vector<std::string>>());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, SentencePieceForm,
                         ::testing::Values("tiny-mistral", "tiny-phi3", "tiny-llama2", "tiny-gemma",
                                           "tiny-metaspace"),
                         [](const auto& name) { return std::string(name.param).substr(5); });

class RealTokenizers : public ::testing::TestWithParam<const char*> {};

TEST_P(RealTokenizers, GiveTheIdsAndTextsOfTheLibrary) {
  const std::string name = std::string(GetParam()) + "/tokenizer.json";
  const auto file = test::real_tokenizer_file(name);
  if (!file) {
    GTEST_SKIP() << test::needs_real_tokenizer(name);
  }
  // tokenizer.json alone: the vectors are the tokenizers library's, which reads no tokenizer_config.json.
  const ttx::test::TempDir alone;
  std::filesystem::create_symlink(*file, alone / "tokenizer.json");
  expect_digests(Tokenizer::load(alone.path()), many_strings(), read("real.json").at(GetParam()),
                 kSampleEvery * 10);
}

INSTANTIATE_TEST_SUITE_P(Files, RealTokenizers,
                         ::testing::Values("Qwen3-0.6B", "Arcee-Spark", "Mistral-7B-Instruct-v0.3",
                                           "Phi-3-mini-128k-instruct",
                                           "Phi-3-mini-128k-instruct/first-release-april-2024"),
                         [](const auto& name) {
                           std::string text = name.param;
                           std::replace_if(
                               text.begin(), text.end(),
                               [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
                           return text;
                         });

}  // namespace
}  // namespace ttx::hf
