// SPDX-License-Identifier: Apache-2.0
// What transformers makes of the tokens that tokenizer_config.json names, against ours.
#include "models/hf/tokenizer/special_tokens.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/tokenizer/tokenizer.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using Ids = std::vector<std::int32_t>;

json read(const char* name) {
  std::ifstream file(std::string(TTX_FIXTURES "/tokenizers/") + name);
  EXPECT_TRUE(file.is_open()) << name;
  return json::parse(file);
}

json null_or(const std::optional<std::int32_t>& id) { return id ? json(*id) : json(nullptr); }

TEST(SpecialTokens, AreThoseOfTheLibrary) {
  const json vectors = read("special-tokens.json");
  json file = read("tiny-qwen/tokenizer.json");
  file["added_tokens"] = vectors["added_tokens"];
  ASSERT_GE(vectors["cases"].size(), 40U);
  for (const json& one : vectors["cases"]) {
    SCOPED_TRACE(one["name"].get<std::string>());
    const ttx::test::TempDir folder;
    folder.write("tokenizer.json", file.dump());
    folder.write("tokenizer_config.json", one["config"].get<std::string>());
    const Tokenizer tokenizer = Tokenizer::load(folder.path());
    EXPECT_EQ(tokenizer.vocab_size(), one["vocab_size"].get<std::int64_t>());
    EXPECT_EQ(
        json::array({null_or(tokenizer.bos_id()), null_or(tokenizer.eos_id()), null_or(tokenizer.pad_id())}),
        one["bos_eos_pad"]);
    for (const json& text : one["texts"]) {
      const auto ids = text[1].get<Ids>();
      EXPECT_EQ(tokenizer.encode(text[0].get<std::string>(), AddSpecialTokens::kNo), ids) << text[0];
      EXPECT_EQ(tokenizer.decode(ids, SkipSpecialTokens::kNo), text[2].get<std::string>());
      EXPECT_EQ(tokenizer.decode(ids, SkipSpecialTokens::kYes), text[3].get<std::string>());
    }
  }
}

TEST(SpecialTokens, RefusesWhatIsNoTokenAndNoList) {
  const auto refuses = [](const json& config, std::initializer_list<std::string_view> texts) {
    const ttx::test::TempDir folder;
    const auto file = folder.write("tokenizer_config.json", config.dump());
    ttx::test::expect_error(ExitCode::kCheckpoint, texts,
                            [&] { read_special_tokens(JsonNode(config, file), file); });
  };
  refuses({{"pad_token", 5}}, {"[tokenizer] ", "pad_token in", "got 5, expected an object"});
  refuses({{"image_token", json::object()}}, {"key \"content\" is missing", "image_token in"});
  refuses({{"additional_special_tokens", "<a>"}},
          {"additional_special_tokens in", "got \"<a>\", expected an object"});
  refuses({{"extra_special_tokens", json::array({nullptr})}}, {"extra_special_tokens[0] in", "got null"});
  refuses({{"extra_special_tokens", {{"a", nullptr}}}}, {"extra_special_tokens.a in", "got null"});
  refuses({{"extra_special_tokens", {{"a", {{"content", "<a>"}, {"lstrip", 1}}}}}},
          {"extra_special_tokens.a.lstrip in", "got 1, expected true or false"});
}

}  // namespace
}  // namespace ttx::hf
