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
#include "tests/support/expect_error.hpp"
#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

using Json = nlohmann::json;
using Shapes = std::map<std::string, std::vector<std::uint64_t>>;

/// Numbers that shapes are made of: hidden, query and key-value rows, head, feed-forward, vocabulary, layers.
struct Sizes {
  std::uint64_t h, q, kv, d, i, v, layers;
};

/// One entry of a checkpoint of that family, "{}" the layer.
struct Entry {
  std::string name;
  std::vector<std::uint64_t> shape;
};

std::vector<Entry> joined(std::vector<Entry> a, const std::vector<Entry>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<Entry> outer(const Sizes& s) {
  return {{"model.embed_tokens.weight", {s.v, s.h}}, {"model.norm.weight", {s.h}}};
}
std::vector<Entry> head(const Sizes& s) { return {{"lm_head.weight", {s.v, s.h}}}; }
std::vector<Entry> two_norms(const Sizes& s) {
  return {{"model.layers.{}.input_layernorm.weight", {s.h}},
          {"model.layers.{}.post_attention_layernorm.weight", {s.h}}};
}
std::vector<Entry> attention(const Sizes& s) {
  return {{"model.layers.{}.self_attn.q_proj.weight", {s.q, s.h}},
          {"model.layers.{}.self_attn.k_proj.weight", {s.kv, s.h}},
          {"model.layers.{}.self_attn.v_proj.weight", {s.kv, s.h}},
          {"model.layers.{}.self_attn.o_proj.weight", {s.h, s.q}}};
}
std::vector<Entry> up_down(const Sizes& s) {
  return {{"model.layers.{}.mlp.up_proj.weight", {s.i, s.h}},
          {"model.layers.{}.mlp.down_proj.weight", {s.h, s.i}}};
}
std::vector<Entry> llama(const Sizes& s) {
  return joined(joined(joined(outer(s), attention(s)), joined(up_down(s), two_norms(s))),
                {{"model.layers.{}.mlp.gate_proj.weight", {s.i, s.h}}});
}
std::vector<Entry> qwen2(const Sizes& s) {
  return joined(llama(s), {{"model.layers.{}.self_attn.q_proj.bias", {s.q}},
                           {"model.layers.{}.self_attn.k_proj.bias", {s.kv}},
                           {"model.layers.{}.self_attn.v_proj.bias", {s.kv}}});
}
std::vector<Entry> qwen3(const Sizes& s) {
  return joined(llama(s), {{"model.layers.{}.self_attn.q_norm.weight", {s.d}},
                           {"model.layers.{}.self_attn.k_norm.weight", {s.d}}});
}
std::vector<Entry> arcee(const Sizes& s) {
  return joined(joined(outer(s), attention(s)), joined(up_down(s), two_norms(s)));
}
std::vector<Entry> phi3(const Sizes& s) {
  return joined(joined(outer(s), two_norms(s)),
                {{"model.layers.{}.self_attn.qkv_proj.weight", {s.q + 2 * s.kv, s.h}},
                 {"model.layers.{}.self_attn.o_proj.weight", {s.h, s.q}},
                 {"model.layers.{}.mlp.gate_up_proj.weight", {2 * s.i, s.h}},
                 {"model.layers.{}.mlp.down_proj.weight", {s.h, s.i}}});
}
std::vector<Entry> gemma3(const Sizes& s) {
  auto entries = joined(qwen3(s), {{"model.layers.{}.pre_feedforward_layernorm.weight", {s.h}},
                                   {"model.layers.{}.post_feedforward_layernorm.weight", {s.h}}});
  for (Entry& entry : entries) {
    entry.name = "language_model." + entry.name;
  }
  return entries;
}
std::vector<Entry> with_head(std::vector<Entry> (*family)(const Sizes&), const Sizes& s) {
  return joined(family(s), head(s));
}

Shapes shapes_of(const std::vector<Entry>& entries, std::uint64_t layers) {
  Shapes shapes;
  for (const Entry& entry : entries) {
    const bool in_layer = entry.name.find("{}") != std::string::npos;
    for (std::uint64_t layer = 0; layer < (in_layer ? layers : 1); ++layer) {
      shapes[fmt::format(fmt::runtime(entry.name), layer)] = entry.shape;
    }
  }
  return shapes;
}

struct Known {
  std::string id;
  Sizes sizes;
  std::vector<Entry> (*family)(const Sizes&);
  bool has_head;
  Json config;  ///< what config.json must say, among others
  Sizes tiny;
};

const std::vector<Known>& known() {
  static const std::vector<Known> all = {
      {"Qwen/Qwen3-0.6B",
       {1024, 2048, 1024, 128, 3072, 151936, 28},
       qwen3,
       true,
       {{"architectures", {"Qwen3ForCausalLM"}}, {"head_dim", 128}, {"tie_word_embeddings", true}},
       {144, 512, 256, 32, 400, 1016, 3}},
      {"meta-llama/Llama-3.2-1B",
       {2048, 2048, 512, 64, 8192, 128256, 16},
       llama,
       false,
       {{"architectures", {"LlamaForCausalLM"}}, {"tie_word_embeddings", true}},
       {512, 512, 128, 64, 1040, 1056, 2}},
      {"microsoft/Phi-3-mini-128k-instruct",
       {3072, 3072, 3072, 96, 8192, 32064, 32},
       phi3,
       true,
       {{"architectures", {"Phi3ForCausalLM"}},
        {"model_type", "phi3"},
        {"num_attention_heads", 32},
        {"num_key_value_heads", 32},
        {"rms_norm_eps", 1e-5},
        {"rope_theta", 10000.0},
        {"max_position_embeddings", 131072},
        {"original_max_position_embeddings", 4096},
        {"sliding_window", 262144},
        {"tie_word_embeddings", false},
        {"hidden_act", "silu"},
        {"bos_token_id", 1},
        {"eos_token_id", 32000},
        {"pad_token_id", 32000},
        {"torch_dtype", "bfloat16"}},
       {384, 384, 384, 96, 560, 664, 2}},
      {"mistralai/Mistral-7B-Instruct-v0.3",
       {4096, 4096, 1024, 128, 14336, 32768, 32},
       llama,
       true,
       {{"architectures", {"MistralForCausalLM"}}, {"sliding_window", nullptr}},
       {256, 256, 64, 32, 464, 1312, 3}},
      {"arcee-ai/Arcee-Spark",
       {3584, 3584, 512, 128, 18944, 152064, 28},
       qwen2,
       true,
       {{"architectures", {"Qwen2ForCausalLM"}},
        {"model_type", "qwen2"},
        {"num_attention_heads", 28},
        {"num_key_value_heads", 4},
        {"rms_norm_eps", 1e-6},
        {"rope_theta", 1000000.0},
        {"max_position_embeddings", 32768},
        {"sliding_window", 131072},
        {"use_sliding_window", false},
        {"max_window_layers", 28},
        {"tie_word_embeddings", false},
        {"bos_token_id", 151643},
        {"eos_token_id", 151645},
        {"torch_dtype", "bfloat16"}},
       {448, 448, 64, 32, 592, 992, 2}},
      {"tiiuae/Falcon3-7B-Instruct",
       {3072, 3072, 1024, 256, 23040, 131072, 28},
       llama,
       true,
       {{"architectures", {"LlamaForCausalLM"}},
        {"head_dim", 256},
        {"rms_norm_eps", 1e-6},
        {"rope_theta", 1000042},
        {"rope_scaling", nullptr},
        {"max_position_embeddings", 32768},
        {"tie_word_embeddings", false},
        {"mlp_bias", false},
        {"bos_token_id", 11},
        {"eos_token_id", 11}},
       {384, 384, 128, 64, 720, 928, 2}},
      {"google/gemma-3-4b-it",
       {2560, 2048, 1024, 256, 10240, 262208, 34},
       gemma3,
       false,
       {{"architectures", {"Gemma3ForConditionalGeneration"}},
        {"model_type", "gemma3"},
        {"eos_token_id", {1, 106}},
        {"text_config",
         {{"hidden_size", 2560},
          {"intermediate_size", 10240},
          {"model_type", "gemma3_text"},
          {"num_hidden_layers", 34},
          {"rope_scaling", {{"factor", 8.0}, {"rope_type", "linear"}}},
          {"sliding_window", 1024}}}},
       {160, 512, 256, 256, 432, 1088, 7}},
      {"humain-ai/ALLaM-7B-Instruct-preview",
       {4096, 4096, 4096, 128, 11008, 64000, 32},
       llama,
       true,
       {{"architectures", {"LlamaForCausalLM"}},
        {"num_key_value_heads", 32},
        {"rms_norm_eps", 1e-5},
        {"rope_theta", 1000000.0},
        {"max_position_embeddings", 4096},
        {"initializer_range", 0.006},
        {"tie_word_embeddings", false},
        {"bos_token_id", 1},
        {"eos_token_id", 2}},
       {256, 256, 256, 32, 336, 832, 3}},
      {"arcee-ai/AFM-4.5B",
       {2560, 2560, 512, 128, 18432, 128004, 36},
       arcee,
       true,
       {{"architectures", {"ArceeForCausalLM"}},
        {"model_type", "arcee"},
        {"hidden_act", "relu2"},
        {"head_dim", 128},
        {"rms_norm_eps", 1e-5},
        {"rope_theta", 10000.0},
        {"max_position_embeddings", 65536},
        {"tie_word_embeddings", false},
        {"bos_token_id", 128000},
        {"eos_token_id", 128001}},
       {320, 320, 64, 32, 1152, 804, 2}},
  };
  return all;
}

std::vector<Entry> entries_of(const Known& model, const Sizes& sizes) {
  return model.has_head ? with_head(model.family, sizes) : model.family(sizes);
}

TEST(SynthModel, NamesAreTheFamily) {
  std::vector<std::string> names;
  for (const Known& model : known()) {
    names.push_back(model.id);
  }
  EXPECT_THAT(SynthModel::names(), ::testing::UnorderedElementsAreArray(names));
}

TEST(SynthModel, PublishedShapesAndConfigs) {
  for (const Known& model : known()) {
    const SynthModel made = SynthModel::named(model.id, false);
    Shapes shapes;
    for (const auto& tensor : synth_tensors(made.sizes, made.tied_head)) {
      shapes[tensor.name] = tensor.shape;
    }
    EXPECT_EQ(shapes, shapes_of(entries_of(model, model.sizes), model.sizes.layers)) << model.id;
    for (const auto& [key, value] : model.config.items()) {
      EXPECT_EQ(Json(made.config.value(key, nlohmann::ordered_json("absent"))), value) << model.id << key;
    }
    EXPECT_EQ(made.sizes.dtype, "bfloat16");
  }
}

std::string made_type(const std::string& id) { return SynthModel::named(id, true).config.at("model_type"); }

/// Checkpoints as the program writes them: every tensor, no other, in the type that the config names.
TEST(SynthModel, TinyCheckpointsKeepTheStructure) {
  for (const Known& model : known()) {
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
    EXPECT_EQ(shapes, shapes_of(entries_of(model, model.tiny), model.tiny.layers)) << model.id;
    EXPECT_LT(file.map().bytes().size(), 12'000'000U);
    EXPECT_EQ(static_cast<double>(model.sizes.q) / static_cast<double>(model.sizes.kv),
              static_cast<double>(model.tiny.q) / static_cast<double>(model.tiny.kv))
        << model.id;
    // What ttx runs opens; the others are refused by their type.
    if (model.id == "Qwen/Qwen3-0.6B") {
      EXPECT_EQ(hf::Checkpoint::open(dir / "m").names().size(), shapes.size());
    } else {
      const std::string type = made_type(model.id);
      test::expect_error(ExitCode::kCheckpoint, {"model_type: got \"" + type + "\"", "ttx has a model for"},
                         [&] { hf::Checkpoint::open(dir / "m"); });
    }
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
