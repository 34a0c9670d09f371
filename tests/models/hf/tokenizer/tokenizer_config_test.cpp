// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/tokenizer_config.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "tests/models/hf/tokenizer/tokenizer_files.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::added_token;
using test::ascii_tokenizer;
using test::encode;
using Ids = std::vector<std::int32_t>;

constexpr int kBos = 127;
constexpr int kEos = 128;

/// <s> and </s> as added tokens, and a template that puts <s> in front.
json with_template() {
  json file = ascii_tokenizer();
  file["added_tokens"] = {added_token(kBos, "<s>"), added_token(kEos, "</s>")};
  file["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single",
       {{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}}, {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}}},
      {"special_tokens",
       {{"<s>", {{"id", "<s>"}, {"ids", json::array({kBos})}, {"tokens", json::array({"<s>"})}}}}}};
  return file;
}

Ids encode_with_ends(const json& config) {
  return test::load(with_template(), config).encode("a", AddSpecialTokens::kYes);
}

TEST(TokenizerConfig, NamesTheTokensWithARole) {
  const Tokenizer t = test::load(with_template(), {{"bos_token", "<s>"},
                                                   {"eos_token", {{"content", "</s>"}, {"lstrip", false}}},
                                                   {"pad_token", nullptr}});
  EXPECT_EQ(t.bos_id(), kBos);
  EXPECT_EQ(t.eos_id(), kEos);
  EXPECT_FALSE(t.pad_id());
  const Tokenizer bare = test::load(with_template());
  EXPECT_FALSE(bare.bos_id() || bare.eos_id() || bare.pad_id());
}

TEST(TokenizerConfig, MakesTokensWithARoleSpecial) {
  const json config = {{"eos_token", "</s>"}, {"pad_token", "x"}, {"unk_token", "<unk>"}};
  const Tokenizer t = test::load(with_template(), config);
  EXPECT_EQ(t.vocab_size(), kEos + 2);  // <unk> is new, x keeps its id
  EXPECT_EQ(encode(t, "<unk>x"), (Ids{kEos + 1, 'x'}));
  EXPECT_EQ(t.decode(Ids{kEos + 1, 'x', 'a'}, SkipSpecialTokens::kYes), "a");
}

TEST(TokenizerConfig, ReadsFurtherSpecialTokens) {
  const Tokenizer list =
      test::load(ascii_tokenizer(), {{"additional_special_tokens", json::array({"<a>", "<b>"})}});
  EXPECT_EQ(encode(list, "<b><a>"), (Ids{128, 127}));
  const Tokenizer named =
      test::load(ascii_tokenizer(), {{"extra_special_tokens", {{"image_token", "<img>"}}}});
  EXPECT_EQ(encode(named, "<img>"), Ids{127});
}

TEST(TokenizerConfig, FlagsOfTheAddedTokensWin) {
  json token = added_token(kBos, "<s>");
  token.erase("id");
  token["rstrip"] = true;
  token["special"] = true;
  const Tokenizer t =
      test::load(with_template(), {{"added_tokens_decoder", {{std::to_string(kBos), token}}}});
  EXPECT_EQ(encode(t, "<s>  a"), (Ids{kBos, 'a'}));
  EXPECT_EQ(t.decode(Ids{kBos, 'a'}, SkipSpecialTokens::kYes), "a");
  EXPECT_EQ(encode(t, "</s> a"), (Ids{kEos, ' ', 'a'}));
}

TEST(TokenizerConfig, AddsTokensInTheOrderOfTheirIds) {
  json decoder = json::object();
  for (int i = 0; i < 12; ++i) {
    json token = added_token(0, fmt::format("<{}>", i));
    token.erase("id");
    decoder[std::to_string(127 + i)] = token;
  }
  const Tokenizer t = test::load(ascii_tokenizer(), {{"added_tokens_decoder", decoder}});
  EXPECT_EQ(encode(t, "<0><11>"), (Ids{127, 138}));
}

TEST(TokenizerConfig, DecidesAboutEndsForTheLlamaFamily) {
  const json names = {{"bos_token", "<s>"}, {"eos_token", "</s>"}};
  const auto ids = [&](json config) {
    config.update(names);
    return encode_with_ends(config);
  };
  EXPECT_EQ(ids(json::object()), (Ids{kBos, 'a'}));
  EXPECT_EQ(ids({{"tokenizer_class", "LlamaTokenizerFast"}, {"add_bos_token", false}}), Ids{'a'});
  EXPECT_EQ(ids({{"tokenizer_class", "LlamaTokenizer"}, {"add_bos_token", true}, {"add_eos_token", true}}),
            (Ids{kBos, 'a', kEos}));
  EXPECT_EQ(ids({{"tokenizer_class", "LlamaTokenizer"}}), (Ids{kBos, 'a'}));  // not said: the file's template
  EXPECT_EQ(ids({{"tokenizer_class", "PreTrainedTokenizerFast"}, {"add_bos_token", false}}),
            (Ids{kBos, 'a'}));
  const Tokenizer t = test::load(with_template(), names);
  EXPECT_EQ(encode(t, "a"), Ids{'a'});
}

TEST(TokenizerConfig, AddsWhatTransformers4Adds) {
  std::ifstream stream(TTX_FIXTURES "/tokenizers/special-prefix.json");
  const json vectors = json::parse(stream);
  std::ifstream tokenizer(TTX_FIXTURES "/tokenizers/tiny-mistral/tokenizer.json");
  json file = json::parse(tokenizer);
  ASSERT_GE(vectors["cases"].size(), 100U);
  for (const json& one : vectors["cases"]) {
    SCOPED_TRACE(one.dump());
    file["post_processor"] = one["post_processor"];
    const Tokenizer t = test::load(file, json::parse(one["config"].get<std::string>()));
    EXPECT_EQ(t.encode("", AddSpecialTokens::kYes), one["ids"].get<Ids>());
    EXPECT_EQ(t.num_special_tokens(), static_cast<std::int64_t>(one["ids"].size()));
    EXPECT_EQ(t.build_inputs_with_special_tokens({}), one["build_inputs"].get<Ids>());
  }
}

TEST(TokenizerConfig, PutsTheEndsOfTheClassAroundIds) {
  const Tokenizer t = test::load(with_template(), {{"tokenizer_class", "LlamaTokenizer"},
                                                   {"bos_token", "<s>"},
                                                   {"eos_token", "</s>"},
                                                   {"add_bos_token", true},
                                                   {"add_eos_token", true}});
  EXPECT_EQ(t.build_inputs_with_special_tokens(Ids{'a', 'b'}), (Ids{kBos, 'a', 'b', kEos}));
  EXPECT_EQ(t.special_prefix(), Ids{kBos});
}

TEST(TokenizerConfig, TakesWhatItHasNoUseFor) {
  EXPECT_EQ(encode_with_ends(json::parse(R"({"model_max_length": 1000000000000000019884624838656,
    "chat_template": [{"name": "default", "template": "x"}], "clean_up_tokenization_spaces": true,
    "split_special_tokens": false, "legacy": null})")),
            (Ids{kBos, 'a'}));
}

TEST(TokenizerConfig, RefusesDamagedFiles) {
  const auto refuses = [](const json& config, std::initializer_list<std::string_view> texts) {
    SCOPED_TRACE(config.dump());
    ttx::test::expect_error(ExitCode::kCheckpoint, {"[tokenizer] ", "tokenizer_config.json"},
                            [&] { encode_with_ends(config); });
    ttx::test::expect_error(ExitCode::kCheckpoint, texts, [&] { encode_with_ends(config); });
  };
  refuses(json::array(), {"got an array, expected an object"});
  refuses({{"split_special_tokens", true}}, {"split_special_tokens is not supported: got true"});
  refuses({{"bos_token", 5}}, {"bos_token in", "got 5, expected an object"});
  refuses({{"eos_token", {{"lstrip", true}}}}, {"key \"content\" is missing", "eos_token in"});
  refuses({{"tokenizer_class", "LlamaTokenizer"}, {"add_bos_token", "no"}},
          {"got \"no\", expected true or false"});
  refuses({{"tokenizer_class", "LlamaTokenizer"}, {"add_bos_token", true}}, {"key \"bos_token\" is missing"});
  refuses({{"tokenizer_class", "LlamaTokenizer"}, {"add_bos_token", false}, {"add_eos_token", true}},
          {"key \"eos_token\" is missing"});
  refuses({{"added_tokens_decoder", json::array()}}, {"got an array, expected an object"});
  refuses({{"added_tokens_decoder", {{"12x", added_token(0, "<x>")}}}},
          {"expected a key that is an id below"});
  refuses({{"added_tokens_decoder", {{"-1", added_token(0, "<x>")}}}},
          {"expected a key that is an id below"});
  refuses({{"added_tokens_decoder", {{"129", {{"content", "<x>"}}}}}}, {"key \"single_word\" is missing"});
}

TEST(TokenizerConfig, RefusesAnIdThatTheLibraryWouldNotGive) {
  ttx::test::expect_error(ExitCode::kCheckpoint, {"added token \"<x>\"", "got 150, expected 129"}, [] {
    encode_with_ends({{"added_tokens_decoder", {{"150", added_token(0, "<x>")}}}});
  });
}

}  // namespace
}  // namespace ttx::hf
