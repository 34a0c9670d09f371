// SPDX-License-Identifier: Apache-2.0
// What the tokenizers library made of several thousand strings, against ours: ids and texts must be equal.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/tokenizer/tokenizer.hpp"
#include "tests/models/hf/real_tokenizers.hpp"

namespace ttx::hf {
namespace {

using Ids = std::vector<std::int32_t>;

nlohmann::json read(const std::string& name) {
  std::ifstream file(std::string(TTX_FIXTURES "/tokenizers/") + name);
  EXPECT_TRUE(file.is_open()) << name;
  return nlohmann::json::parse(file);
}

/// Ids as the fixtures have them: unsigned, up to 2^32 - 1.
Ids ids_of(const nlohmann::json& values) {
  Ids ids;
  for (const auto& value : values) {
    ids.push_back(static_cast<std::int32_t>(value.get<std::uint32_t>()));
  }
  return ids;
}

class TinyTokenizer : public ::testing::TestWithParam<const char*> {
 protected:
  TinyTokenizer()
      : tokenizer_(Tokenizer::load(std::string(TTX_FIXTURES "/tokenizers/") + GetParam())),
        strings_(read("strings.json").get<std::vector<std::string>>()),
        vectors_(read(std::string(GetParam()) + "/vectors.json")) {}

  Tokenizer tokenizer_;
  std::vector<std::string> strings_;
  nlohmann::json vectors_;
};

TEST_P(TinyTokenizer, EncodesEveryString) {
  ASSERT_GE(strings_.size(), 2000U);
  ASSERT_EQ(strings_.size(), vectors_["ids"].size());
  const Ids prefix = ids_of(vectors_["prefix_ids"]);
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    SCOPED_TRACE(nlohmann::json(strings_[i]).dump(-1, ' ', true));
    Ids expected = ids_of(vectors_["ids"][i]);
    EXPECT_EQ(tokenizer_.encode(strings_[i], AddSpecialTokens::kNo), expected);
    expected.insert(expected.begin(), prefix.begin(), prefix.end());
    EXPECT_EQ(tokenizer_.encode(strings_[i], AddSpecialTokens::kYes), expected);
  }
}

TEST_P(TinyTokenizer, DecodesTheIdsOfEveryString) {
  for (std::size_t i = 0; i < strings_.size(); ++i) {
    SCOPED_TRACE(nlohmann::json(strings_[i]).dump(-1, ' ', true));
    const Ids ids = ids_of(vectors_["ids"][i]);
    const std::string whole = vectors_["decoded"].value(std::to_string(i), strings_[i]);
    EXPECT_EQ(tokenizer_.decode(ids, SkipSpecialTokens::kNo), whole);
    EXPECT_EQ(tokenizer_.decode(ids, SkipSpecialTokens::kYes),
              vectors_["decoded_skip_special"].value(std::to_string(i), whole));
  }
}

TEST_P(TinyTokenizer, DecodesBrokenUtf8AndIdsWithoutTokens) {
  ASSERT_GT(vectors_["decode_cases"].size(), 200U);
  for (const auto& decode_case : vectors_["decode_cases"]) {
    SCOPED_TRACE(decode_case.dump(-1, ' ', true));
    const Ids ids = ids_of(decode_case[0]);
    EXPECT_EQ(tokenizer_.decode(ids, SkipSpecialTokens::kNo), decode_case[1].get<std::string>());
    EXPECT_EQ(tokenizer_.decode(ids, SkipSpecialTokens::kYes), decode_case[2].get<std::string>());
  }
}

INSTANTIATE_TEST_SUITE_P(Files, TinyTokenizer, ::testing::Values("tiny-qwen", "tiny-llama"),
                         [](const auto& name) { return std::string(name.param).substr(5); });

TEST(RealTokenizer, EncodesAsTheLibrary) {
  const std::string name = "Qwen3-0.6B/tokenizer.json";
  const auto file = test::real_tokenizer_file(name);
  if (!file) {
    GTEST_SKIP() << test::needs_real_tokenizer(name);
  }
  const Tokenizer tokenizer = Tokenizer::load(file->parent_path());
  const nlohmann::json vectors = read("qwen3-real.json");
  ASSERT_GE(vectors["strings"].size(), 500U);
  for (std::size_t i = 0; i < vectors["strings"].size(); ++i) {
    SCOPED_TRACE(vectors["strings"][i].dump(-1, ' ', true));
    EXPECT_EQ(tokenizer.encode(vectors["strings"][i].get<std::string>(), AddSpecialTokens::kYes),
              ids_of(vectors["ids"][i]));
  }
}

}  // namespace
}  // namespace ttx::hf
