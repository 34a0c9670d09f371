// SPDX-License-Identifier: Apache-2.0
#include "models/hf/checkpoint.hpp"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/weight_files.hpp"
#include "runtime/safetensors.hpp"
#include "runtime/safetensors_writer.hpp"
#include "tests/models/hf/checkpoint_copy.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

namespace fs = std::filesystem;
using test::CheckpointCopy;
using test::expect_error;
using test::kOneFile;
using test::kShards;
using test::write_tensors;
using ::testing::Contains;
using ::testing::ElementsAre;

TEST(Checkpoint, OpensASingleFile) {
  const auto checkpoint = Checkpoint::open(kOneFile);
  EXPECT_EQ(checkpoint.folder(), kOneFile);
  EXPECT_EQ(checkpoint.config().hidden_size, 80);
  EXPECT_EQ(checkpoint.config().rope.theta, 1e6);
  EXPECT_THAT(checkpoint.generation_config().eos_token_ids, ElementsAre(325, 322));
  EXPECT_TRUE(checkpoint.has("lm_head.weight"));
  EXPECT_FALSE(checkpoint.has("model.layers.2.mlp.up_proj.weight"));
  const auto q = checkpoint.tensor("model.layers.1.self_attn.q_proj.weight", {16 * 32, 80});
  EXPECT_EQ(q.dtype(), DataType::BFLOAT16);
  const auto before = q.to_floats();
  checkpoint.release(q);
  EXPECT_EQ(q.to_floats(), before);
  EXPECT_EQ(checkpoint.names().size(), 3U + 2U * 11U);
}

TEST(Checkpoint, OpensShards) {
  const auto checkpoint = Checkpoint::open(kShards);
  EXPECT_EQ(checkpoint.config().rope.theta, 12345.5);
  EXPECT_EQ(checkpoint.config().dtype, "bfloat16");
  EXPECT_EQ(checkpoint.weight_bytes(), 534224U);
  EXPECT_EQ(checkpoint.output_embedding_name(), "lm_head.weight");
  EXPECT_EQ(checkpoint.tensor("lm_head.weight", {517, 72}).shape(), (Shape{517, 72}));
  EXPECT_EQ(checkpoint.tensor("model.layers.0.self_attn.k_proj.weight", {8 * 32, 72}).bytes().size(),
            8U * 32 * 72 * 2);
}

TEST(Checkpoint, TiedWeightsReplaceAStoredHead) {
  const auto checkpoint = Checkpoint::open(kOneFile);
  EXPECT_EQ(checkpoint.output_embedding_name(), "model.embed_tokens.weight");
  EXPECT_THAT(checkpoint.unused(), ::testing::Not(Contains("lm_head.weight")));
}

TEST(Checkpoint, TellsAStoredHeadThatIsNotTheEmbedding) {
  EXPECT_TRUE(Checkpoint::open(kOneFile).stored_head_differs());
  EXPECT_FALSE(Checkpoint::open(kShards).stored_head_differs());  // untied
  const CheckpointCopy copy(kOneFile);
  const auto file = SafetensorsFile::open(kOneFile / "model.safetensors");
  std::vector<SafetensorsWriter::Tensor> tensors;
  for (const auto& entry : file.entries()) {
    tensors.push_back({entry.name, entry.dtype, entry.shape});
  }
  SafetensorsWriter writer(copy.dir.path() / "model.safetensors", tensors);
  for (const auto& entry : file.entries()) {
    writer.write(
        entry.name,
        file.tensor(entry.name == "lm_head.weight" ? "model.embed_tokens.weight" : entry.name).bytes());
  }
  writer.finish();
  EXPECT_FALSE(Checkpoint::open(copy.dir.path()).stored_head_differs());
}

TEST(Checkpoint, KnowsWhichTensorsAreUnused) {
  const auto checkpoint = Checkpoint::open(kShards);
  EXPECT_EQ(checkpoint.unused().size(), 14U);
  expect_error(ExitCode::kCheckpoint, {"14 tensors", "lm_head.weight", "..."},
               [&] { checkpoint.check_all_used(); });
  const auto copy = checkpoint;
  copy.tensor("model.norm.weight", {72});
  EXPECT_THAT(checkpoint.unused(), ::testing::Not(Contains("model.norm.weight")));
  for (const auto& name : checkpoint.names()) {
    const SafetensorsEntry entry =
        *WeightFiles::open(kShards).files[WeightFiles::open(kShards).file_of.at(name)].find(name);
    const std::vector<std::int64_t> sizes(entry.shape.begin(), entry.shape.end());
    checkpoint.tensor(name, Shape(std::span(sizes)));
  }
  checkpoint.check_all_used();
}

const fs::path kGemma = fs::path(TTX_FIXTURES) / "gemma3-odd";

/// Gives the tensors of a copy of kGemma other names.
template <class Rename>
void rename_tensors(const CheckpointCopy& copy, const Rename& rename) {
  const auto file = SafetensorsFile::open(kGemma / "model.safetensors");
  std::vector<SafetensorsWriter::Tensor> tensors;
  for (const auto& entry : file.entries()) {
    tensors.push_back({rename(entry.name), entry.dtype, entry.shape});
  }
  SafetensorsWriter writer(copy.dir / "model.safetensors", tensors);
  for (const auto& entry : file.entries()) {
    writer.write(rename(entry.name), file.tensor(entry.name).bytes());
  }
  writer.finish();
}

/// Asks for all tensors of the language model under plain names.
void use_language_model(const Checkpoint& checkpoint) {
  for (const auto& name : checkpoint.names()) {
    const auto at = name.rfind("layers.");
    if (name.find("vision") == std::string::npos && at != std::string::npos) {
      const SafetensorsFile file = SafetensorsFile::open(checkpoint.folder() / "model.safetensors");
      const auto& shape = file.find(name)->shape;
      const std::vector<std::int64_t> sizes(shape.begin(), shape.end());
      checkpoint.tensor("model." + name.substr(at), Shape(std::span(sizes)));
    }
  }
  checkpoint.tensor("model.norm.weight", {56});
  checkpoint.tensor(checkpoint.embedding_name(), {263, 56});
}

TEST(Checkpoint, FindsTheLanguageModelOfAMultimodalOne) {
  const std::string published = "language_model.model.";
  for (const std::string prefix : {"language_model.model.", "model.language_model.", "model."}) {
    SCOPED_TRACE(prefix);
    const CheckpointCopy copy(kGemma);
    rename_tensors(copy, [&](const std::string& name) {
      return name.starts_with(published)         ? prefix + name.substr(published.size())
             : prefix == "model.language_model." ? "model." + name
                                                 : name;
    });
    const auto checkpoint = Checkpoint::open(copy.dir.path());
    EXPECT_EQ(checkpoint.tensor("model.norm.weight", {56}).name(), prefix + "norm.weight");
    EXPECT_TRUE(checkpoint.has(checkpoint.output_embedding_name()));
    EXPECT_FALSE(checkpoint.has("model.layers.3.input_layernorm.weight"));
    EXPECT_FALSE(checkpoint.unused().empty());
    use_language_model(checkpoint);
    EXPECT_THAT(checkpoint.unused(), ::testing::IsEmpty());
    checkpoint.check_all_used();
  }
}

TEST(Checkpoint, MultimodalNamesAreFoundUnderTheirOwnToo) {
  const auto checkpoint = Checkpoint::open(kGemma);
  EXPECT_TRUE(checkpoint.has("language_model.model.norm.weight"));
  EXPECT_EQ(checkpoint.tensor("language_model.model.norm.weight", {56}).to_floats(),
            checkpoint.tensor("model.norm.weight", {56}).to_floats());
  expect_error(ExitCode::kCheckpoint, {"language_model.model.layers.9.x"},
               [&] { checkpoint.tensor("model.layers.9.x", {1}); });
}

TEST(Checkpoint, AVisionModelIsOnlyLeftOutOfAMultimodalOne) {
  const CheckpointCopy copy(kShards);
  fs::remove(copy.dir / "model.safetensors.index.json");
  write_tensors(copy.dir / "model.safetensors",
                {"vision_tower.x", "model.language_model.embed_tokens.weight"});
  const auto checkpoint = Checkpoint::open(copy.dir.path());
  EXPECT_EQ(checkpoint.unused().size(), 2U);
  EXPECT_FALSE(checkpoint.has("model.embed_tokens.weight"));
}

TEST(Checkpoint, AYarnFactorByLengthsIsAnotherModel) {
  const fs::path arcee = fs::path(TTX_FIXTURES) / "arcee-odd";
  const auto by_file = Checkpoint::open(arcee);
  const auto by_lengths = Checkpoint::open(arcee, YarnFactor::kLengthRatio);
  EXPECT_EQ(by_file.config().rope.factor, 10.0);
  EXPECT_EQ(by_lengths.config().rope.factor, 8.0);
  EXPECT_NE(by_file.fingerprint(), by_lengths.fingerprint());
  expect_error(ExitCode::kUsage, {"yarn"}, [] { Checkpoint::open(kOneFile, YarnFactor::kLengthRatio); });
}

TEST(Checkpoint, OldRotaryFrequenciesMayStayUnused) {
  const CheckpointCopy copy(kShards);
  fs::remove(copy.dir / "model.safetensors.index.json");
  write_tensors(copy.dir / "model.safetensors", {"model.layers.0.self_attn.rotary_emb.inv_freq", "x"});
  EXPECT_THAT(Checkpoint::open(copy.dir.path()).unused(), ElementsAre("x"));
}

TEST(Checkpoint, FingerprintFollowsTheContent) {
  const CheckpointCopy copy(kShards);
  const auto print = [&] { return Checkpoint::open(copy.dir.path()).fingerprint(); };
  const std::string first = print();
  EXPECT_EQ(first.size(), 64U);
  EXPECT_EQ(print(), first);
  const auto shard = copy.dir / "model-00002-of-00005.safetensors";
  const auto time = fs::last_write_time(shard);
  fs::last_write_time(shard, time + std::chrono::seconds(1));
  EXPECT_NE(print(), first);
  fs::last_write_time(shard, time);
  EXPECT_EQ(print(), first);
  {
    std::fstream bytes(shard, std::ios::in | std::ios::out | std::ios::binary);
    bytes.seekp(-1, std::ios::end);
    bytes.put('\x7F');
  }
  fs::last_write_time(shard, time);
  EXPECT_NE(print(), first);
  fs::copy_file(kShards / shard.filename(), shard, fs::copy_options::overwrite_existing);
  fs::last_write_time(shard, time);
  EXPECT_EQ(print(), first);
  write_file(copy.dir / "generation_config.json", "{}");
  EXPECT_NE(print(), first);
}

}  // namespace
}  // namespace ttx::hf
