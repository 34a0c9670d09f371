// SPDX-License-Identifier: Apache-2.0
// The configs of the nine bring-up models (launch/synth_models) and those of the fixtures, against their
// known values.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/config.hpp"
#include "tests/models/hf/known_configs.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::expect_error;
using test::configs::known;
using test::configs::parse;
using test::configs::published;
using test::configs::refuses;
using test::configs::with;
using test::configs::without;

struct Sizes {
  std::int64_t hidden, layers, heads, kv_heads, head_dim, intermediate, vocab;
};

void expect_sizes(const Config& c, const Sizes& sizes) {
  EXPECT_EQ(c.hidden_size, sizes.hidden);
  EXPECT_EQ(c.num_hidden_layers, sizes.layers);
  EXPECT_EQ(c.num_attention_heads, sizes.heads);
  EXPECT_EQ(c.num_key_value_heads, sizes.kv_heads);
  EXPECT_EQ(c.head_dim, sizes.head_dim);
  EXPECT_EQ(c.intermediate_size, sizes.intermediate);
  EXPECT_EQ(c.vocab_size, sizes.vocab);
}

std::int64_t sliding(const Config& c) {
  return std::count(c.layer_types.begin(), c.layer_types.end(), "sliding_attention");
}

void expect_plain(const Config& c) {
  EXPECT_FALSE(c.attention_bias || c.attention_output_bias || c.mlp_bias || c.multimodal);
  EXPECT_EQ(c.hidden_act, "silu");
  EXPECT_EQ(sliding(c), 0);
  EXPECT_EQ(c.query_pre_attn_scalar, std::nullopt);
  EXPECT_EQ(c.attn_logit_softcapping, std::nullopt);
  EXPECT_EQ(c.final_logit_softcapping, std::nullopt);
  EXPECT_EQ(c.rope, c.rope_local);
}

TEST(ConfigFamilies, Llama) {
  const Config c = known("Llama-3.2-1B");
  EXPECT_EQ(c.model_type, "llama");
  expect_sizes(c, {2048, 16, 32, 8, 64, 8192, 128256});
  expect_plain(c);
  EXPECT_TRUE(c.tie_word_embeddings);
  EXPECT_EQ(c.rope.type, "llama3");
  EXPECT_EQ(c.rope.theta, 500000.0);
  EXPECT_EQ(c.rope.factor, 32.0);
  EXPECT_EQ(c.rope.low_freq_factor, 1.0);
  EXPECT_EQ(c.rope.high_freq_factor, 4.0);
  EXPECT_EQ(c.rope.original_max_position_embeddings, 8192);
  EXPECT_EQ(c.rope.max_position_embeddings, 131072);
  EXPECT_EQ(c.rms_norm_eps, 1e-5);
  EXPECT_EQ(c.eos_token_ids, (std::vector<std::int32_t>{128001}));
}

TEST(ConfigFamilies, LlamasOfOtherSizes) {
  const Config falcon = known("Falcon3-7B-Instruct");
  expect_sizes(falcon, {3072, 28, 12, 4, 256, 23040, 131072});
  expect_plain(falcon);
  EXPECT_EQ(falcon.rope.theta, 1000042.0);
  EXPECT_EQ(falcon.rope.type, "default");
  const Config allam = known("ALLaM-7B-Instruct-preview");
  expect_sizes(allam, {4096, 32, 32, 32, 128, 11008, 64000});
  expect_plain(allam);
  EXPECT_FALSE(allam.tie_word_embeddings);
}

TEST(ConfigFamilies, Mistral) {
  const json file = published("Mistral-7B-Instruct-v0.3");
  const Config c = parse(file);
  expect_sizes(c, {4096, 32, 32, 8, 128, 14336, 32768});
  expect_plain(c);
  EXPECT_EQ(c.sliding_window, std::nullopt);
  EXPECT_EQ(c.rope.theta, 1e6);
  const Config window = parse(with(file, "sliding_window", 4096));
  EXPECT_EQ(window.sliding_window, 4096);
  EXPECT_EQ(sliding(window), 32);
  EXPECT_EQ(window.rope, window.rope_local);
  EXPECT_EQ(parse(without(file, "sliding_window")).sliding_window, 4096);
  EXPECT_EQ(parse(without(file, "num_key_value_heads")).num_key_value_heads, 8);
  EXPECT_EQ(parse(with(file, "num_key_value_heads", nullptr)).num_key_value_heads, 32);
}

TEST(ConfigFamilies, Qwen2HasBiasesOfItsClass) {
  const json file = published("Arcee-Spark");
  const Config c = parse(file);
  EXPECT_EQ(c.model_type, "qwen2");
  expect_sizes(c, {3584, 28, 28, 4, 128, 18944, 152064});
  EXPECT_TRUE(c.attention_bias);
  EXPECT_FALSE(c.attention_output_bias);
  EXPECT_FALSE(c.mlp_bias);
  EXPECT_EQ(c.sliding_window, std::nullopt);
  EXPECT_EQ(sliding(c), 0);
  EXPECT_TRUE(parse(with(file, "attention_bias", false)).attention_bias);
  json upper = with(file, "use_sliding_window", true);
  upper["max_window_layers"] = 20;
  EXPECT_EQ(sliding(parse(upper)), 8);
  EXPECT_EQ(parse(upper).sliding_window, 131072);
}

TEST(ConfigFamilies, Phi3) {
  const json file = published("Phi-3-mini-128k-instruct");
  const Config c = parse(file);
  expect_sizes(c, {3072, 32, 32, 32, 96, 8192, 32064});
  EXPECT_EQ(c.sliding_window, 262144);
  EXPECT_EQ(sliding(c), 32);
  EXPECT_EQ(c.pad_token_id, 32000);
  EXPECT_EQ(c.rope.type, "longrope");
  EXPECT_EQ(c.rope.original_max_position_embeddings, 4096);
  EXPECT_EQ(c.rope.factor, 32.0);
  EXPECT_FALSE(c.rope.factor_given);
  EXPECT_EQ(c.rope.attention_factor, std::nullopt);
  ASSERT_EQ(c.rope.long_factor.size(), 48U);
  EXPECT_EQ(c.rope.long_factor.front(), 1.0700000524520874);
  EXPECT_EQ(c.rope.short_factor.front(), 1.1);
  EXPECT_EQ(c.rope.rotary_dim(96), 96);
  for (const char* const old_name : {"su", "yarn"}) {
    json old = file;
    old["rope_scaling"]["type"] = old_name;
    EXPECT_EQ(parse(old).rope.type, "longrope");
  }
  EXPECT_EQ(parse(without(file, "original_max_position_embeddings")).rope.original_max_position_embeddings,
            4096);
  json part = with(file, "partial_rotary_factor", 0.5);
  part["rope_scaling"] = nullptr;
  EXPECT_EQ(parse(part).rope.rotary_dim(96), 48);
}

TEST(ConfigFamilies, Gemma3TakesMostFromTheClass) {
  const json file = published("gemma-3-4b-it");
  const Config c = parse(file);
  EXPECT_EQ(c.model_type, "gemma3_text");
  EXPECT_TRUE(c.multimodal);
  expect_sizes(c, {2560, 34, 8, 4, 256, 10240, 262208});
  EXPECT_EQ(c.max_position_embeddings, 131072);
  EXPECT_EQ(c.rms_norm_eps, 1e-6);
  EXPECT_EQ(c.hidden_act, "gelu_pytorch_tanh");
  EXPECT_EQ(c.query_pre_attn_scalar, 256.0);
  EXPECT_TRUE(c.tie_word_embeddings);
  EXPECT_EQ(c.sliding_window, 1024);
  for (std::size_t i = 0; i < c.layer_types.size(); ++i) {
    EXPECT_EQ(c.layer_types[i], i % 6 == 5 ? "full_attention" : "sliding_attention") << i;
  }
  EXPECT_EQ(c.rope.type, "linear");
  EXPECT_EQ(c.rope.theta, 1e6);
  EXPECT_EQ(c.rope.factor, 8.0);
  EXPECT_EQ(c.rope_local.type, "default");
  EXPECT_EQ(c.rope_local.theta, 1e4);
  EXPECT_EQ(c.eos_token_ids, (std::vector<std::int32_t>{1, 106}));
  EXPECT_EQ(c.bos_token_id, 2);
  EXPECT_EQ(c.pad_token_id, 0);
  EXPECT_EQ(c.dtype, "bfloat16");
  EXPECT_TRUE(c.defaults_taken.find("num_attention_heads 8 (the class default") != std::string::npos);

  json text = file["text_config"];
  text["final_logit_softcapping"] = 30.0;
  text["attn_logit_softcapping"] = 50;
  text["rope_local_base_freq"] = 5000;
  text["sliding_window_pattern"] = 2;
  const Config alone = parse(text);
  EXPECT_FALSE(alone.multimodal);
  EXPECT_EQ(alone.final_logit_softcapping, 30.0);
  EXPECT_EQ(alone.attn_logit_softcapping, 50.0);
  EXPECT_EQ(alone.rope_local.theta, 5000.0);
  EXPECT_EQ(sliding(alone), 17);
}

TEST(ConfigFamilies, Gemma3InTheSpellingOfTransformers5) {
  json text = published("gemma-3-4b-it")["text_config"];
  text.erase("rope_scaling");
  text["rope_parameters"] = {
      {"full_attention", {{"rope_type", "linear"}, {"factor", 8.0}, {"rope_theta", 1e6}}},
      {"sliding_attention", {{"rope_type", "default"}, {"rope_theta", 1e4}}}};
  const Config old = known("gemma-3-4b-it");
  EXPECT_EQ(parse(text).rope, old.rope);
  EXPECT_EQ(parse(text).rope_local, old.rope_local);
  text["rope_parameters"].erase("sliding_attention");
  EXPECT_EQ(parse(text).rope_local, old.rope_local);
  text["rope_local_base_freq"] = 7.0;
  EXPECT_EQ(parse(text).rope_local.theta, 7.0);
  text["rope_theta"] = 5.0;
  refuses(text, {"rope_parameters", "rope_theta to be 1000000 as elsewhere"});
}

TEST(ConfigFamilies, Arcee) {
  const Config c = known("AFM-4.5B");
  EXPECT_EQ(c.model_type, "arcee");
  expect_sizes(c, {2560, 36, 20, 4, 128, 18432, 128004});
  EXPECT_EQ(c.hidden_act, "relu2");
  EXPECT_EQ(c.rope.type, "yarn");
  EXPECT_EQ(c.rope.factor, 20.0);
  EXPECT_TRUE(c.rope.factor_given);
  EXPECT_EQ(c.rope.length_ratio(), 16.0);
  EXPECT_EQ(c.rope.mscale, 1.0);
  EXPECT_EQ(c.rope.mscale_all_dim, std::nullopt);
  EXPECT_TRUE(c.rope.truncate);
  Config by_lengths = c;
  by_lengths.choose(YarnFactor::kLengthRatio);
  EXPECT_EQ(by_lengths.rope.factor, 16.0);
  by_lengths = known("Llama-3.2-1B");
  expect_error(ExitCode::kUsage, {"llama3", "\"yarn\""},
               [&] { by_lengths.choose(YarnFactor::kLengthRatio); });
}

TEST(ConfigFamilies, TokensOfTheClass) {
  json llama = published("Llama-3.2-1B");
  llama.erase("eos_token_id");
  llama.erase("bos_token_id");
  EXPECT_EQ(parse(llama).eos_token_ids, (std::vector<std::int32_t>{2}));
  EXPECT_EQ(parse(llama).bos_token_id, 1);
  EXPECT_EQ(parse(with(llama, "eos_token_id", nullptr)).eos_token_ids, std::vector<std::int32_t>{});
  EXPECT_EQ(parse(with(llama, "bos_token_id", nullptr)).bos_token_id, std::nullopt);
}

TEST(ConfigFamilies, BiasesByConfig) {
  json llama = with(published("Llama-3.2-1B"), "attention_bias", true);
  llama["mlp_bias"] = true;
  const Config c = parse(llama);
  EXPECT_TRUE(c.attention_bias && c.attention_output_bias && c.mlp_bias);
  const Config mistral = parse(with(published("Mistral-7B-Instruct-v0.3"), "attention_bias", true));
  EXPECT_FALSE(mistral.attention_bias || mistral.attention_output_bias);
}

TEST(ConfigFamilies, EveryFixtureIsRead) {
  int read = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(TTX_FIXTURES)) {
    if (entry.path().filename().string().ends_with("config.json") &&
        entry.path().filename() != "generation_config.json" &&
        entry.path().filename() != "tokenizer_config.json") {
      SCOPED_TRACE(entry.path().string());
      EXPECT_NO_THROW(Config::read(entry.path()));
      ++read;
    }
  }
  EXPECT_GE(read, 12);
}

TEST(ConfigFamilies, NumbersBeyond64BitsAreReadOver) {
  for (const char* const name : {"Llama-3.2-1B", "gemma-3-4b-it", "AFM-4.5B"}) {
    std::string text = published(name).dump();
    text.insert(1, R"("model_max_length": 1000000000000000019884624838656, )");
    EXPECT_NO_THROW(Config::parse(text, "c.json"));
  }
}

}  // namespace
}  // namespace ttx::hf
