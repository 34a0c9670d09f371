// SPDX-License-Identifier: Apache-2.0
#include "models/hf/generation_config.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

using test::expect_error;
using test::TempDir;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

GenerationConfig parse(const std::string& text) { return GenerationConfig::parse(text, "g.json"); }

TEST(GenerationConfig, ReadsQwen3) {
  const auto c = parse(R"({"bos_token_id": 151643, "do_sample": true, "eos_token_id": [151645, 151643],
    "pad_token_id": 151643, "temperature": 0.6, "top_k": 20, "top_p": 0.95, "transformers_version": "4.51.0"})");
  EXPECT_THAT(c.eos_token_ids, ElementsAre(151645, 151643));
  EXPECT_EQ(c.bos_token_id, 151643);
  EXPECT_EQ(c.pad_token_id, 151643);
  EXPECT_EQ(c.repetition_penalty, 1.0);
  EXPECT_EQ(c.max_new_tokens, std::nullopt);
  EXPECT_THAT(c.unsupported_in_greedy, IsEmpty());
}

TEST(GenerationConfig, ReadsLengthsAndPenalty) {
  const auto c =
      parse(R"({"eos_token_id": 7, "repetition_penalty": 1.1, "max_new_tokens": 30, "max_length": 40,
    "min_new_tokens": 2, "min_length": 3})");
  EXPECT_THAT(c.eos_token_ids, ElementsAre(7));
  EXPECT_EQ(c.repetition_penalty, 1.1);
  EXPECT_EQ(c.max_new_tokens, 30);
  EXPECT_EQ(c.max_length, 40);
  EXPECT_EQ(c.min_new_tokens, 2);
  EXPECT_EQ(c.min_length, 3);
  EXPECT_THAT(c.unsupported_in_greedy, IsEmpty());
}

TEST(GenerationConfig, NamesEachActiveFieldThatChangesGreedyOutput) {
  for (const std::string field : {R"("no_repeat_ngram_size": 3)",
                                  R"("encoder_no_repeat_ngram_size": 1)",
                                  R"("encoder_repetition_penalty": 1.5)",
                                  R"("guidance_scale": 2)",
                                  R"("penalty_alpha": 0.6)",
                                  R"("max_time": 5.0)",
                                  R"("num_beams": 4)",
                                  R"("num_beam_groups": 2)",
                                  R"("num_return_sequences": 2)",
                                  R"("token_healing": true)",
                                  R"("bad_words_ids": [[5]])",
                                  R"("force_words_ids": [[5]])",
                                  R"("constraints": [1])",
                                  R"("sequence_bias": [[[5],-1.0]])",
                                  R"("forced_bos_token_id": 0)",
                                  R"("forced_eos_token_id": 5)",
                                  R"("suppress_tokens": [1])",
                                  R"("begin_suppress_tokens": [1])",
                                  R"("exponential_decay_length_penalty": [3,1.1])",
                                  R"("stop_strings": "end")",
                                  R"("stop_strings": ["end"])",
                                  R"("watermarking_config": {"bias": 2})",
                                  R"("dola_layers": "high")",
                                  R"("min_length": 4)",
                                  R"("cache_implementation": "quantized")"}) {
    const auto c = parse(R"({"eos_token_id": 1, )" + field + "}");
    ASSERT_EQ(c.unsupported_in_greedy.size(), 1U) << field;
    const std::string name = field.substr(1, field.find('"', 1) - 1);
    EXPECT_TRUE(c.unsupported_in_greedy[0].starts_with(name + ": ")) << c.unsupported_in_greedy[0];
  }
}

TEST(GenerationConfig, IgnoresInactiveValuesAndSampling) {
  // As transformers writes a config with all its defaults, and some settings that leave greedy tokens as they
  // are.
  const auto c = parse(R"({"eos_token_id": null, "no_repeat_ngram_size": 0, "encoder_no_repeat_ngram_size": 0,
    "encoder_repetition_penalty": 1.0, "guidance_scale": 1, "penalty_alpha": 0, "max_time": null, "num_beams": 1,
    "num_beam_groups": 1, "num_return_sequences": 1, "token_healing": false, "bad_words_ids": null, "stop_strings": "",
    "suppress_tokens": [], "begin_suppress_tokens": [], "sequence_bias": {}, "min_length": 5, "diversity_penalty": 0.0,
    "forced_bos_token_id": null, "renormalize_logits": true, "remove_invalid_values": true, "length_penalty": 2.0,
    "early_stopping": true, "temperature": 0.1, "top_k": 3, "top_p": 0.5, "min_p": 0.1, "typical_p": 0.9,
    "epsilon_cutoff": 0.1, "eta_cutoff": 0.1, "prompt_lookup_num_tokens": 4, "cache_implementation": "hybrid",
    "_from_model_config": true, "something_new": {"a": [1]}})");
  EXPECT_THAT(c.unsupported_in_greedy, IsEmpty());
}

TEST(GenerationConfig, RefusesWrongTypes) {
  for (const std::string bad :
       {R"({"eos_token_id": "x"})", R"({"repetition_penalty": "1"})", R"({"repetition_penalty": 0})",
        R"({"repetition_penalty": -1})", R"({"max_new_tokens": 0})", R"({"min_length": -1})",
        R"({"num_beams": "2"})", R"({"token_healing": 1})", R"({"max_length": 1.5})", "[]", "{"}) {
    SCOPED_TRACE(bad);
    expect_error(ExitCode::kCheckpoint, {"[generation_config] g.json: "}, [&] { parse(bad); });
  }
}

TEST(GenerationConfig, RefusesWrongTypesOfSamplingSettings) {
  const auto refuses = [](const std::string& field, std::initializer_list<std::string_view> pieces) {
    SCOPED_TRACE(field);
    expect_error(ExitCode::kCheckpoint, pieces, [&] { parse("{" + field + "}"); });
  };
  refuses(R"("do_sample": "yes")", {"g.json: do_sample: got \"yes\", expected true or false"});
  refuses(R"("do_sample": 1)", {"do_sample: got 1, expected true or false"});
  for (const std::string name : {"temperature", "top_p", "min_p", "typical_p"}) {
    refuses("\"" + name + R"(": "0.6")", {name + ": got \"0.6\", expected a number"});
    refuses("\"" + name + R"(": true)", {name + ": got true, expected a number"});
  }
  refuses(R"("top_k": 1.5)", {"top_k: got 1.5, expected an integer"});
  refuses(R"("top_k": [20])", {"top_k: got [20], expected an integer"});
  EXPECT_NO_THROW(parse(R"({"do_sample": null, "temperature": null, "top_p": null, "top_k": null})"));
  EXPECT_NO_THROW(parse(R"({"do_sample": true, "temperature": 1, "top_p": 1, "top_k": -1})"));
}

TEST(GenerationConfig, ComesFromConfigJsonWhenThereIsNoFile) {
  const TempDir dir;
  dir.write("config.json", R"({"eos_token_id": 3, "pad_token_id": 4, "hidden_size": 8, "num_beams": 2})");
  const auto c = GenerationConfig::read(dir.path());
  EXPECT_THAT(c.eos_token_ids, ElementsAre(3));
  EXPECT_EQ(c.pad_token_id, 4);
  EXPECT_THAT(c.unsupported_in_greedy, ElementsAre("num_beams: 2"));
  // A file without the key means no such token: config.json is not asked.
  dir.write("generation_config.json", R"({"bos_token_id": 1})");
  EXPECT_THAT(GenerationConfig::read(dir.path()).eos_token_ids, IsEmpty());
}

TEST(GenerationConfig, TellsALinkToNowhere) {
  const TempDir dir;
  dir.write("config.json", "{}");
  std::filesystem::create_symlink("../../blobs/0123", dir / "generation_config.json");
  expect_error(ExitCode::kCheckpoint, {"generation_config.json is a link to ../../blobs/0123"},
               [&] { GenerationConfig::read(dir.path()); });
}

}  // namespace
}  // namespace ttx::hf
