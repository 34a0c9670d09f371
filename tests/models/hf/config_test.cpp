// SPDX-License-Identifier: Apache-2.0
#include "models/hf/config.hpp"

#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.hpp"

namespace ttx::hf {
namespace {

using nlohmann::json;
using test::expect_error;

/// The published config.json of Qwen3-0.6B.
json qwen3() {
  return json::parse(
      R"({"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
    "bos_token_id": 151643, "eos_token_id": 151645, "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024,
    "initializer_range": 0.02, "intermediate_size": 3072, "max_position_embeddings": 40960, "max_window_layers": 28,
    "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 28, "num_key_value_heads": 8,
    "rms_norm_eps": 1e-06, "rope_scaling": null, "rope_theta": 1000000, "sliding_window": null,
    "tie_word_embeddings": true, "torch_dtype": "bfloat16", "transformers_version": "4.51.0", "use_cache": true,
    "use_sliding_window": false, "vocab_size": 151936})");
}

Config parse(const json& value) { return Config::parse(value.dump(), "c.json"); }

json with(const std::string& key, const json& value) {
  json config = qwen3();
  config[key] = value;
  return config;
}

json without(std::initializer_list<const char*> keys) {
  json config = qwen3();
  for (const char* key : keys) {
    config.erase(key);
  }
  return config;
}

void refuses(const json& config, std::initializer_list<std::string_view> pieces) {
  SCOPED_TRACE(config.dump());
  expect_error(ExitCode::kCheckpoint, {"[config] c.json: "}, [&] { parse(config); });
  expect_error(ExitCode::kCheckpoint, pieces, [&] { parse(config); });
}

TEST(Config, ReadsQwen3) {
  const Config c = parse(qwen3());
  EXPECT_EQ(c.model_type, "qwen3");
  EXPECT_EQ(c.hidden_size, 1024);
  EXPECT_EQ(c.num_hidden_layers, 28);
  EXPECT_EQ(c.num_attention_heads, 16);
  EXPECT_EQ(c.num_key_value_heads, 8);
  EXPECT_EQ(c.head_dim, 128);
  EXPECT_EQ(c.intermediate_size, 3072);
  EXPECT_EQ(c.vocab_size, 151936);
  EXPECT_EQ(c.max_position_embeddings, 40960);
  EXPECT_EQ(c.rms_norm_eps, 1e-6);
  EXPECT_EQ(c.hidden_act, "silu");
  EXPECT_TRUE(c.tie_word_embeddings);
  EXPECT_FALSE(c.attention_bias);
  EXPECT_EQ(c.rope.type, "default");
  EXPECT_EQ(c.rope.theta, 1e6);
  EXPECT_FALSE(c.use_sliding_window);
  EXPECT_EQ(c.sliding_window, std::nullopt);
  EXPECT_EQ(c.layer_types, std::vector<std::string>(28, "full_attention"));
  EXPECT_EQ(c.eos_token_ids, (std::vector<std::int32_t>{151645}));
  EXPECT_EQ(c.bos_token_id, 151643);
  EXPECT_EQ(c.pad_token_id, std::nullopt);
  EXPECT_EQ(c.dtype, "bfloat16");
}

TEST(Config, AbsentKeysHaveTheDefaultsOfTheClass) {
  json config =
      without({"rms_norm_eps", "rope_theta", "head_dim", "tie_word_embeddings", "max_position_embeddings",
               "hidden_act", "torch_dtype", "eos_token_id", "bos_token_id", "architectures"});
  config.erase("num_key_value_heads");
  config["num_attention_heads"] = 64;
  const Config c = parse(config);
  EXPECT_EQ(c.num_key_value_heads, 32);
  EXPECT_EQ(c.head_dim, 128);
  EXPECT_EQ(c.rms_norm_eps, 1e-6);
  EXPECT_EQ(c.rope.theta, 10000.0);
  EXPECT_EQ(c.max_position_embeddings, 32768);
  EXPECT_FALSE(c.tie_word_embeddings);
  EXPECT_EQ(c.hidden_act, "silu");
  EXPECT_EQ(c.dtype, "");
  EXPECT_TRUE(c.eos_token_ids.empty());
  EXPECT_EQ(parse(with("num_key_value_heads", nullptr)).num_key_value_heads, 16);
  EXPECT_EQ(parse(with("head_dim", nullptr)).head_dim, 64);
}

TEST(Config, TakesNumbersInBothSpellings) {
  EXPECT_EQ(parse(with("hidden_size", 1024.0)).hidden_size, 1024);
  EXPECT_EQ(parse(with("rope_theta", 12345.5)).rope.theta, 12345.5);
  EXPECT_EQ(parse(with("model_max_length", 1e30)).hidden_size, 1024);
  const Config c = parse(with("eos_token_id", json::array({151645, 151643})));
  EXPECT_EQ(c.eos_token_ids, (std::vector<std::int32_t>{151645, 151643}));
  EXPECT_EQ(parse(with("pad_token_id", -1)).pad_token_id, std::nullopt);
  std::string text = qwen3().dump();
  text.insert(1, R"("model_max_length": 1000000000000000019884624838656, "id2label": {"0": [1, {}]},)");
  EXPECT_EQ(Config::parse(text, "c.json").vocab_size, 151936);
}

TEST(Config, ReadsBothSpellingsOfRope) {
  json v4 =
      with("rope_scaling", {{"type", "yarn"}, {"factor", 4}, {"original_max_position_embeddings", 32768}});
  json v5 = without({"rope_theta", "rope_scaling"});
  v5["rope_parameters"] = {{"rope_type", "yarn"},
                           {"factor", 4.0},
                           {"original_max_position_embeddings", 32768},
                           {"rope_theta", 1000000.0}};
  EXPECT_EQ(parse(v4).rope, parse(v5).rope);
  EXPECT_EQ(parse(v4).rope.original_max_position_embeddings, 32768);
  EXPECT_EQ(parse(v4).rope.type, "yarn");
  EXPECT_EQ(parse(v4).rope.factor, 4.0);
  EXPECT_EQ(parse(with("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 1000000}})).rope.theta,
            1e6);
  v4["rope_parameters"] = v5["rope_parameters"];
  EXPECT_EQ(parse(v4).rope.theta, 1e6);
}

TEST(Config, RefusesContradictions) {
  refuses(with("rope_parameters", {{"rope_type", "default"}, {"rope_theta", 5}}),
          {"rope_parameters", "1000000"});
  refuses(with("rope_scaling", {{"type", "linear"}, {"rope_type", "yarn"}}), {"rope_scaling", "to be equal"});
  json both = with("rope_scaling", {{"type", "linear"}, {"factor", 2}});
  both["rope_parameters"] = {{"rope_type", "linear"}, {"factor", 3}};
  refuses(both, {"rope_parameters", "the same settings"});
  refuses(with("dtype", "float32"), {"dtype", "float32", "bfloat16"});
}

TEST(Config, RefusesWrongTypesAndMissingSizes) {
  for (const char* key :
       {"hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "vocab_size"}) {
    refuses(without({key}), {key, "no such key"});
    for (const json& value : {json(nullptr), json("7"), json(true), json(1.5), json(0), json(-4), json(1e300),
                              json(json::array({1})), json(~std::uint64_t{0})}) {
      refuses(with(key, value), {key, value.dump(), "expected an integer from 1"});
    }
  }
  refuses(with("rms_norm_eps", "1e-6"), {"rms_norm_eps", "a number"});
  refuses(with("rms_norm_eps", 0), {"rms_norm_eps", "between 0 and 1"});
  refuses(with("rms_norm_eps", -1e-6), {"rms_norm_eps", "-1e-06"});
  refuses(with("rope_theta", "big"), {"rope_theta", "a number"});
  refuses(with("rope_theta", 0), {"rope_theta", "above 0"});
  refuses(with("rope_scaling", 3), {"rope_scaling", "an object"});
  refuses(with("rope_scaling", {{"type", 3}}), {"rope_scaling", "a string"});
  refuses(with("rope_parameters", {{"full_attention", {{"rope_type", "default"}}}}),
          {"rope_parameters", "full_attention"});
  refuses(with("tie_word_embeddings", "yes"), {"tie_word_embeddings", "\"yes\"", "true or false"});
  refuses(with("hidden_act", 1), {"hidden_act", "a string"});
  refuses(with("eos_token_id", "x"), {"eos_token_id", "token id"});
  refuses(with("eos_token_id", json::array({1, -2})), {"eos_token_id", "token id"});
  refuses(with("eos_token_id", 4294967296), {"eos_token_id", "4294967296"});
  refuses(with("architectures", "Qwen3ForCausalLM"), {"architectures", "list of strings"});
}

TEST(Config, RefusesSizesBeyondAnyModel) {
  for (const char* key : {"hidden_size", "num_hidden_layers", "num_attention_heads", "num_key_value_heads",
                          "head_dim", "intermediate_size", "vocab_size", "max_position_embeddings",
                          "max_window_layers", "sliding_window"}) {
    for (const std::int64_t value : {std::int64_t{1} << 31, std::int64_t{1} << 40, std::int64_t{1} << 62}) {
      refuses(with(key, value), {key, std::to_string(value), "expected an integer from "});
    }
  }
  refuses(with("num_hidden_layers", 1000000000), {"num_hidden_layers: got 1000000000", "from 1 to 4096"});
  EXPECT_EQ(parse(with("num_hidden_layers", 4096)).layer_types.size(), 4096U);
  json wide = with("head_dim", nullptr);
  wide["hidden_size"] = 16 * 1026;
  refuses(wide, {"head_dim", "got null", "up to 1024", "gives 1026"});
}

TEST(Config, SaysWhichSizesAreDefaults) {
  json config = without({"num_key_value_heads", "head_dim"});
  refuses(config, {"num_attention_heads: got 16",
                   "32 key-value heads (the class default; config.json does not "
                   "say)"});
  config["num_attention_heads"] = 64;
  EXPECT_EQ(parse(config).defaults_taken,
            "num_key_value_heads 32 (the class default; config.json does not say)"
            ", head_dim 128 (the class default; config.json does not say)");
  EXPECT_EQ(parse(qwen3()).defaults_taken, "");
  EXPECT_EQ(parse(with("head_dim", nullptr)).defaults_taken, "");
}

TEST(Config, RefusesImpossibleValues) {
  refuses(with("num_key_value_heads", 5), {"num_attention_heads", "got 16", "multiple of the 5"});
  refuses(with("head_dim", 127), {"head_dim", "got 127", "even"});
  refuses(with("sliding_window", 0), {"sliding_window", "from 1"});
  refuses(with("layer_types", json::array({"full_attention"})), {"layer_types", "28 entries"});
  refuses(with("layer_types", std::vector<std::string>(28, "sliding_attention")),
          {"layer_types", "no sliding_attention"});
  refuses(with("layer_types", std::vector<std::string>(28, "linear_attention")),
          {"layer_types", "full_attention or"});
}

TEST(Config, RefusesOtherModels) {
  refuses(with("model_type", "gpt2"), {"model_type", "\"gpt2\"", "one of qwen3, "});
  refuses(with("model_type", "llama"), {"architectures", "LlamaForCausalLM"});
  refuses(without({"model_type"}), {"model_type", "no such key"});
  refuses(with("architectures", json::array({"Qwen3Model"})), {"architectures", "Qwen3ForCausalLM"});
  refuses(with("quantization_config", {{"quant_method", "fp8"}}), {"quantization_config", "fp8"});
  expect_error(ExitCode::kCheckpoint, {"c.json", "not valid JSON"}, [] { Config::parse("{", "c.json"); });
  expect_error(ExitCode::kCheckpoint, {"c.json", "expected an object"},
               [] { Config::parse("[1]", "c.json"); });
  expect_error(ExitCode::kCheckpoint, {"'a' occurs twice"},
               [] { Config::parse(R"({"a":1,"a":2})", "c.json"); });
}

TEST(Config, WorksOutWindows) {
  json config = with("use_sliding_window", true);
  config["max_window_layers"] = 26;
  config["sliding_window"] = 512;
  const Config c = parse(config);
  EXPECT_EQ(c.sliding_window, 512);
  EXPECT_EQ(c.layer_types[25], "full_attention");
  EXPECT_EQ(c.layer_types[26], "sliding_attention");
  EXPECT_EQ(c.layer_types[27], "sliding_attention");
}

}  // namespace
}  // namespace ttx::hf
