// SPDX-License-Identifier: Apache-2.0
//
// The named models in their published shapes, without writing them: configs, tensors, file sizes.
#include "launch/synth_model.hpp"

#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "launch/synth_file.hpp"
#include "launch/synth_weights.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/safetensors.hpp"
#include "runtime/sha256.hpp"
#include "tests/launch/known_models.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

using Json = nlohmann::json;
using test::Known;
using test::known_models;
using test::Shapes;

TEST(SynthModel, NamesAreTheFamily) {
  std::vector<std::string> names;
  for (const Known& model : known_models()) {
    names.push_back(model.id);
  }
  EXPECT_THAT(SynthModel::names(), ::testing::UnorderedElementsAreArray(names));
}

TEST(SynthModel, PublishedShapesAndConfigs) {
  for (const Known& model : known_models()) {
    const SynthModel made = SynthModel::named(model.id, false);
    Shapes shapes;
    for (const auto& tensor : synth_tensors(made.sizes, made.tied_head)) {
      shapes[tensor.name] = tensor.shape;
    }
    EXPECT_EQ(shapes, test::shapes_of(model, model.sizes)) << model.id;
    for (const auto& [key, value] : model.config.items()) {
      EXPECT_EQ(Json(made.config.value(key, nlohmann::ordered_json("absent"))), value) << model.id << key;
    }
    EXPECT_EQ(made.sizes.dtype, "bfloat16");
  }
}

/// Checkpoints as the program writes them: every tensor, no other, in the type that the config names.
TEST(SynthModel, TinyCheckpointsKeepTheStructure) {
  for (const Known& model : known_models()) {
    const test::TempDir dir;
    const auto result = test::run({.arguments = {test::program("ttx-synth"), "--model", model.id, "--tiny",
                                                 "--output", (dir / "m").string()},
                                   .environment = {},
                                   .folder = {}});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto file = SafetensorsFile::open(dir / "m" / "model.safetensors");
    Shapes shapes;
    for (const auto& entry : file.entries()) {
      EXPECT_EQ(entry.dtype, "BF16") << entry.name;
      shapes[entry.name] = {entry.shape.begin(), entry.shape.end()};
    }
    EXPECT_EQ(shapes, test::shapes_of(model, model.tiny)) << model.id;
    EXPECT_LT(file.map().bytes().size(), 12'000'000U);
    EXPECT_EQ(static_cast<double>(model.sizes.q) / static_cast<double>(model.sizes.kv),
              static_cast<double>(model.tiny.q) / static_cast<double>(model.tiny.kv))
        << model.id;
    const auto checkpoint = hf::Checkpoint::open(dir / "m");
    EXPECT_EQ(checkpoint.names().size(), shapes.size());
    EXPECT_TRUE(checkpoint.has(checkpoint.embedding_name()));
  }
}

/// Byte for byte, with the indents and line ends of the publishers.
TEST(SynthModel, ConfigsAreThePublishedOnes) {
  const SynthModel qwen = SynthModel::named("Qwen/Qwen3-0.6B", false);
  EXPECT_THAT(sha256_hex(qwen.config.dump(2)), ::testing::StartsWith("660db3b7"));
  EXPECT_THAT(sha256_hex(qwen.generation_config.dump(4)), ::testing::StartsWith("2325da0f"));
  const SynthModel llama_1b = SynthModel::named("meta-llama/Llama-3.2-1B", false);
  EXPECT_THAT(sha256_hex(llama_1b.config.dump(2) + "\n"), ::testing::StartsWith("bfb5d39c"));
  const SynthModel mistral = SynthModel::named("mistralai/Mistral-7B-Instruct-v0.3", false);
  EXPECT_THAT(sha256_hex(mistral.config.dump(2) + "\n"), ::testing::StartsWith("affafc64"));
  EXPECT_THAT(sha256_hex(mistral.generation_config.dump(2) + "\n"), ::testing::StartsWith("b4669f1b"));
}

TEST(SynthModel, FilesHaveThePublishedLengths) {
  const std::map<std::string, std::vector<std::uint64_t>> published = {
      {"Qwen/Qwen3-0.6B", {1'503'300'328}},
      {"meta-llama/Llama-3.2-1B", {2'471'645'608}},
      {"mistralai/Mistral-7B-Instruct-v0.3", {4'949'453'792, 4'999'819'336, 4'546'807'800}}};
  for (const auto& [id, lengths] : published) {
    const SynthModel model = SynthModel::named(id, false);
    std::vector<std::uint64_t> made;
    for (const auto& shard :
         synth_shards(synth_tensors(model.sizes, model.tied_head), {.shard_bytes = 5'000'000'000})) {
      made.push_back(SynthFile(shard, 0, DataType::BFLOAT16).size());
    }
    EXPECT_EQ(made, lengths) << id;
  }
}

TEST(SynthModel, AStoredTiedHeadIsTheEmbedding) {
  const SynthModel model = SynthModel::named("Qwen/Qwen3-0.6B", true);
  for (const auto& tensor : synth_tensors(model.sizes, model.tied_head)) {
    EXPECT_EQ(tensor.values_of, tensor.name == "lm_head.weight" ? "model.embed_tokens.weight" : tensor.name);
  }
}

TEST(SynthModel, RopeScalingIsWhole) {
  const auto scaling = [](const char* id) {
    return Json(SynthModel::named(id, false).config["rope_scaling"]);
  };
  EXPECT_EQ(scaling("meta-llama/Llama-3.2-1B"), Json({{"factor", 32.0},
                                                      {"high_freq_factor", 4.0},
                                                      {"low_freq_factor", 1.0},
                                                      {"original_max_position_embeddings", 8192},
                                                      {"rope_type", "llama3"}}));
  const Json phi = scaling("microsoft/Phi-3-mini-128k-instruct");
  EXPECT_EQ(phi["type"], "longrope");
  ASSERT_EQ(phi["long_factor"].size(), 48U);
  ASSERT_EQ(phi["short_factor"].size(), 48U);
  EXPECT_EQ(phi["long_factor"][47], 64.76000213623047);
  EXPECT_EQ(phi["short_factor"][47], 3.049999999999997);
  const Json afm = scaling("arcee-ai/AFM-4.5B");
  EXPECT_EQ(afm["rope_type"], "yarn");
  EXPECT_EQ(afm["factor"], 20.0);
  EXPECT_EQ(afm["original_max_position_embeddings"], 4096);
}

}  // namespace
}  // namespace ttx::launch
