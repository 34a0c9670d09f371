// SPDX-License-Identifier: Apache-2.0
//
// The tokenizers of the named models: each has the form of its published file, and gives texts back.
#include "launch/synth_tokenizer.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "launch/synth_model.hpp"
#include "models/hf/tokenizer/tokenizer.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

using nlohmann::json;

struct Shape {
  const char* normalizer;
  const char* pre_tokenizer;
  const char* decoder;
  bool byte_fallback;
  std::vector<std::int32_t> prefix;
};

const std::map<std::string, Shape>& shapes() {
  static const std::map<std::string, Shape> kShapes = {
      {"Qwen/Qwen3-0.6B", {"NFC", "Sequence", "ByteLevel", false, {}}},
      {"arcee-ai/Arcee-Spark", {"NFC", "Sequence", "ByteLevel", false, {}}},
      {"meta-llama/Llama-3.2-1B", {"", "Sequence", "ByteLevel", false, {800}}},
      {"arcee-ai/AFM-4.5B", {"", "Sequence", "ByteLevel", false, {800}}},
      {"tiiuae/Falcon3-7B-Instruct", {"", "Sequence", "ByteLevel", false, {}}},
      {"mistralai/Mistral-7B-Instruct-v0.3", {"", "Metaspace", "Sequence", true, {1}}},
      {"microsoft/Phi-3-mini-128k-instruct", {"Sequence", "", "Sequence", true, {}}},
      {"humain-ai/ALLaM-7B-Instruct-preview", {"Sequence", "", "Sequence", true, {1}}},
      {"google/gemma-3-4b-it", {"Replace", "Split", "Sequence", true, {2}}},
  };
  return kShapes;
}

std::string type_of(const json& part) { return part.is_null() ? "" : part["type"].get<std::string>(); }

TEST(SynthTokenizer, HasTheFormOfTheModel) {
  ASSERT_EQ(SynthModel::names().size(), shapes().size());
  for (const auto& [id, shape] : shapes()) {
    SCOPED_TRACE(id);
    const SynthModel model = SynthModel::named(id, true);
    const SynthTokenizer made = SynthTokenizer::make(model.tokenizer);
    const json file = json::parse(made.tokenizer_json);
    EXPECT_EQ(type_of(file["normalizer"]), shape.normalizer);
    EXPECT_EQ(type_of(file["pre_tokenizer"]), shape.pre_tokenizer);
    EXPECT_EQ(type_of(file["decoder"]), shape.decoder);
    EXPECT_EQ(file["model"]["byte_fallback"], shape.byte_fallback);
    EXPECT_EQ(file["model"]["fuse_unk"], shape.byte_fallback);
    EXPECT_EQ(file["model"]["unk_token"], shape.byte_fallback ? json("<unk>") : json());
    EXPECT_EQ(file["added_tokens"].size(), model.tokenizer.added.size());
  }
}

TEST(SynthTokenizer, GivesTextsBack) {
  for (const auto& [id, shape] : shapes()) {
    SCOPED_TRACE(id);
    const SynthModel model = SynthModel::named(id, true);
    const SynthTokenizer made = SynthTokenizer::make(model.tokenizer);
    const test::TempDir dir;
    dir.write("tokenizer.json", made.tokenizer_json);
    dir.write("tokenizer_config.json", made.tokenizer_config_json);
    const auto tokenizer = hf::Tokenizer::load(dir.path());
    EXPECT_EQ(tokenizer.vocab_size(), model.tokenizer.tokens);
    EXPECT_EQ(tokenizer.special_prefix(), shape.prefix);
    for (const auto& token : model.tokenizer.added) {
      EXPECT_EQ(tokenizer.token_to_id(token.content), token.id) << token.content;
    }
    std::string all;
    for (char c = 1; c < 127; ++c) {
      all += c;
    }
    for (const std::string& text : {std::string(), all, std::string("the other tent \n\n 12"),
                                    std::string("gr\u00f6\u00dfe \u4f60\u597d")}) {
      const auto ids = tokenizer.encode(text, hf::AddSpecialTokens::kNo);
      EXPECT_EQ(tokenizer.decode(ids, hf::SkipSpecialTokens::kNo), text);
    }
    EXPECT_LT(tokenizer.encode("the other tent", hf::AddSpecialTokens::kNo).size(), 14U);
  }
}

TEST(SynthTokenizer, StripsBehindTheTokensThatDo) {
  const SynthModel model = SynthModel::named("microsoft/Phi-3-mini-128k-instruct", true);
  const json file = json::parse(SynthTokenizer::make(model.tokenizer).tokenizer_json);
  for (const json& token : file["added_tokens"]) {
    const auto content = token["content"].get<std::string>();
    const bool strips = content == "</s>" || (content.starts_with("<|") && content != "<|endoftext|>");
    EXPECT_EQ(token["rstrip"], strips) << content;
  }
}

TEST(SynthTokenizer, NeedsAnUnkTokenInSentencePiecesForm) {
  SynthTokenizerPlan plan = SynthTokenizerPlan::of_size(400);
  plan.form = SynthTokenizerPlan::Form::kLlama2;
  test::expect_error(ExitCode::kCheckpoint, {"'<unk>' is not among the added tokens"},
                     [&] { SynthTokenizer::make(plan); });
  plan.added[0].content = "<unk>";
  plan.pad = "";
  EXPECT_NO_THROW(SynthTokenizer::make(plan));
  plan.tokens = plan.base_tokens() + 2;
  test::expect_error(ExitCode::kCheckpoint, {"[synth] "}, [&] { SynthTokenizer::make(plan); });
}

}  // namespace
}  // namespace ttx::launch
