// SPDX-License-Identifier: Apache-2.0
#include "models/hf/checkpoint.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/weight_files.hpp"
#include "runtime/atomic_file.hpp"
#include "runtime/safetensors.hpp"
#include "runtime/safetensors_writer.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

namespace fs = std::filesystem;
using test::expect_error;
using test::TempDir;
using ::testing::Contains;
using ::testing::ElementsAre;

const fs::path kA = fs::path(TTX_FIXTURES) / "qwen3-odd-a";
const fs::path kB = fs::path(TTX_FIXTURES) / "qwen3-odd-b";

/// A fixture copied to a folder where files can be changed.
struct Copy {
  explicit Copy(const fs::path& fixture) {
    for (const auto& file : fs::directory_iterator(fixture)) {
      fs::copy(file.path(), dir.path() / file.path().filename());
    }
  }
  void refuses(std::initializer_list<std::string_view> pieces) const {
    expect_error(ExitCode::kCheckpoint, pieces, [this] { Checkpoint::open(dir.path()); });
  }
  TempDir dir;
};

void write_tensors(const fs::path& file, const std::vector<std::string>& names) {
  std::vector<SafetensorsWriter::Tensor> tensors;
  for (const auto& name : names) {
    tensors.push_back({name, "F32", {1}});
  }
  SafetensorsWriter writer(file, tensors);
  const float value = 1.0F;
  for (const auto& name : names) {
    writer.write(name, std::as_bytes(std::span(&value, 1)));
  }
  writer.finish();
}

TEST(Checkpoint, OpensASingleFile) {
  const auto checkpoint = Checkpoint::open(kA);
  EXPECT_EQ(checkpoint.folder(), kA);
  EXPECT_EQ(checkpoint.config().hidden_size, 80);
  EXPECT_EQ(checkpoint.config().rope.theta, 1e6);
  EXPECT_THAT(checkpoint.generation_config().eos_token_ids, ElementsAre(325, 322));
  EXPECT_TRUE(checkpoint.has("lm_head.weight"));
  EXPECT_FALSE(checkpoint.has("model.layers.3.mlp.up_proj.weight"));
  const auto q = checkpoint.tensor("model.layers.2.self_attn.q_proj.weight", {16 * 32, 80});
  EXPECT_EQ(q.dtype(), DataType::BFLOAT16);
  const auto before = q.to_floats();
  checkpoint.release(q);
  EXPECT_EQ(q.to_floats(), before);
  EXPECT_EQ(checkpoint.names().size(), 3U + 3U * 11U);
}

TEST(Checkpoint, OpensShards) {
  const auto checkpoint = Checkpoint::open(kB);
  EXPECT_EQ(checkpoint.config().rope.theta, 12345.5);
  EXPECT_EQ(checkpoint.config().dtype, "bfloat16");
  EXPECT_EQ(checkpoint.weight_bytes(), 829264U);
  EXPECT_EQ(checkpoint.output_embedding_name(), "lm_head.weight");
  EXPECT_EQ(checkpoint.tensor("lm_head.weight", {517, 72}).shape(), (Shape{517, 72}));
  EXPECT_EQ(checkpoint.tensor("model.layers.0.self_attn.k_proj.weight", {8 * 64, 72}).bytes().size(),
            8U * 64 * 72 * 2);
}

TEST(Checkpoint, TiedWeightsReplaceAStoredHead) {
  const auto checkpoint = Checkpoint::open(kA);
  EXPECT_EQ(checkpoint.output_embedding_name(), "model.embed_tokens.weight");
  EXPECT_THAT(checkpoint.unused(), ::testing::Not(Contains("lm_head.weight")));
}

TEST(Checkpoint, TellsAStoredHeadThatIsNotTheEmbedding) {
  EXPECT_TRUE(Checkpoint::open(kA).stored_head_differs());
  EXPECT_FALSE(Checkpoint::open(kB).stored_head_differs());  // untied
  const Copy copy(kA);
  const auto file = SafetensorsFile::open(kA / "model.safetensors");
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
  const auto checkpoint = Checkpoint::open(kB);
  EXPECT_EQ(checkpoint.unused().size(), 14U);
  expect_error(ExitCode::kCheckpoint, {"14 tensors", "lm_head.weight", "..."},
               [&] { checkpoint.check_all_used(); });
  const auto copy = checkpoint;
  copy.tensor("model.norm.weight", {72});
  EXPECT_THAT(checkpoint.unused(), ::testing::Not(Contains("model.norm.weight")));
  for (const auto& name : checkpoint.names()) {
    const SafetensorsEntry entry =
        *WeightFiles::open(kB).files[WeightFiles::open(kB).file_of.at(name)].find(name);
    const std::vector<std::int64_t> sizes(entry.shape.begin(), entry.shape.end());
    checkpoint.tensor(name, Shape(std::span(sizes)));
  }
  checkpoint.check_all_used();
}

const fs::path kGemma = fs::path(TTX_FIXTURES) / "gemma3-odd";

/// Gives the tensors of a copy of kGemma other names.
template <class Rename>
void rename_tensors(const Copy& copy, const Rename& rename) {
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
    const Copy copy(kGemma);
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
  const Copy copy(kB);
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
  expect_error(ExitCode::kUsage, {"yarn"}, [] { Checkpoint::open(kA, YarnFactor::kLengthRatio); });
}

TEST(Checkpoint, OldRotaryFrequenciesMayStayUnused) {
  const Copy copy(kB);
  fs::remove(copy.dir / "model.safetensors.index.json");
  write_tensors(copy.dir / "model.safetensors", {"model.layers.0.self_attn.rotary_emb.inv_freq", "x"});
  EXPECT_THAT(Checkpoint::open(copy.dir.path()).unused(), ElementsAre("x"));
}

TEST(Checkpoint, NamesMissingShards) {
  const Copy copy(kB);
  fs::remove(copy.dir / "model-00002-of-00005.safetensors");
  copy.refuses({"model-00002-of-00005.safetensors does not exist; copy the complete model folder"});
  fs::create_symlink("gone", copy.dir / "model-00002-of-00005.safetensors");
  copy.refuses({"model-00002-of-00005.safetensors is a link to gone, which does not exist"});
  fs::remove(copy.dir / "model-00004-of-00005.safetensors");
  copy.refuses(
      {"model.safetensors.index.json names 5 files, 2 of which do not exist: "
       "model-00002-of-00005.safetensors, model-00004-of-00005.safetensors; copy the complete"});
  for (const char* name : {"1", "3", "5"}) {
    fs::remove(copy.dir / ("model-0000" + std::string(name) + "-of-00005.safetensors"));
  }
  copy.refuses({"5 of which do not exist", "model-00004-of-00005.safetensors, ...; copy"});
}

TEST(Checkpoint, ChecksEachTensor) {
  const auto checkpoint = Checkpoint::open(kA);
  const std::string name = "model.norm.weight";
  expect_error(ExitCode::kCheckpoint, {"model.safetensors", name, "got shape [80]", "expected [81]"},
               [&] { checkpoint.tensor(name, {81}); });
  expect_error(ExitCode::kCheckpoint, {"got shape [80]", "expected [1, 80]"}, [&] {
    checkpoint.tensor(name, {1, 80});
  });
  expect_error(ExitCode::kCheckpoint, {"no tensor 'absent'", "[3]"},
               [&] { checkpoint.tensor("absent", {3}); });
  EXPECT_THAT(checkpoint.unused(), Contains(name));
  const Copy copy(kA);
  SafetensorsWriter writer(copy.dir / "model.safetensors", {{"ids", "I32", {1}}});
  const std::int32_t id = 1;
  writer.write("ids", std::as_bytes(std::span(&id, 1)));
  writer.finish();
  expect_error(ExitCode::kCheckpoint, {"'ids'", "got dtype I32", "BF16, F16 or F32"},
               [&] { Checkpoint::open(copy.dir.path()).tensor("ids", {1}); });
  expect_error(ExitCode::kFailure, {"not a tensor of"},
               [&] { checkpoint.release(HostTensor::from("own", {1}, std::vector<float>{1.0F})); });
}

TEST(Checkpoint, RefusesAFolderWithoutItsFiles) {
  expect_error(ExitCode::kCheckpoint, {"no folder", "absent"}, [] { Checkpoint::open(kA / "absent"); });
  const Copy copy(kA);
  fs::rename(copy.dir / "model.safetensors", copy.dir / "pytorch_model.bin");
  copy.refuses({"pytorch_model.bin only", "convert"});
  fs::remove(copy.dir / "pytorch_model.bin");
  copy.refuses({"model.safetensors does not exist"});
  fs::remove(copy.dir / "config.json");
  copy.refuses({"config.json does not exist"});
}

TEST(Checkpoint, ASingleFileHidesTheIndex) {
  const Copy copy(kB);
  write_tensors(copy.dir / "model.safetensors", {"only"});
  EXPECT_THAT(Checkpoint::open(copy.dir.path()).names(), ElementsAre("only"));
  fs::remove(copy.dir / "model.safetensors");
  fs::create_symlink("../../blobs/gone", copy.dir / "model.safetensors");
  copy.refuses({"model.safetensors is a link to ../../blobs/gone"});
}

TEST(Checkpoint, WrongShapesNameTheDefaultsThatWereTaken) {
  const Copy copy(kB);
  const auto refused = [&] { Checkpoint::open(copy.dir.path()).tensor("model.norm.weight", {73}); };
  expect_error(ExitCode::kCheckpoint, {"got shape [72], expected [73] by config.json"}, refused);
  auto config = nlohmann::json::parse(std::ifstream(copy.dir / "config.json"));
  config.erase("num_key_value_heads");
  config["num_attention_heads"] = 32;
  write_file(copy.dir / "config.json", config.dump());
  expect_error(
      ExitCode::kCheckpoint,
      {"[73] by config.json with num_key_value_heads 32 (the class default; config.json does not say)"},
      refused);
}

class Index : public ::testing::Test {
 protected:
  void index(const std::string& text) { write_file(copy_.dir / "model.safetensors.index.json", text); }
  void weight_map(const std::string& text) {
    index(R"({"metadata": {"total_size": 1}, "weight_map": )" + text + "}");
  }
  Copy copy_{kB};
};

TEST_F(Index, TotalSizeIsNotRead) {
  write_tensors(copy_.dir / "one.safetensors", {"t"});
  weight_map(R"({"t": "one.safetensors"})");
  EXPECT_EQ(Checkpoint::open(copy_.dir.path()).weight_bytes(), 4U);
}

TEST_F(Index, RefusesBadText) {
  index("{");
  copy_.refuses({"index.json", "not valid JSON"});
  index("{}");
  copy_.refuses({"index.json", "weight_map", "no such key"});
  weight_map("{}");
  copy_.refuses({"weight_map", "got {}"});
  weight_map("[]");
  copy_.refuses({"weight_map", "got []"});
  weight_map(R"({"t": 1})");
  copy_.refuses({"weight_map", "file name for 't'"});
  weight_map(R"({"t": "a", "t": "b"})");
  copy_.refuses({"'t' occurs twice"});
}

TEST_F(Index, RefusesFileNamesThatReachElsewhere) {
  for (const std::string name : {"../model.safetensors", "/etc/passwd", "sub/x", "..", ".", "", "a\\\\b",
                                 "one.safetensors\\u0000", "\\u0000"}) {
    weight_map(R"({"t": ")" + name + R"("})");
    copy_.refuses({"'t'", "without a path"});
  }
}

TEST_F(Index, RefusesFilesThatDoNotFitIt) {
  write_tensors(copy_.dir / "one.safetensors", {"t", "u"});
  write_tensors(copy_.dir / "two.safetensors", {"v"});
  weight_map(R"({"t": "one.safetensors", "u": "one.safetensors", "w": "three.safetensors"})");
  copy_.refuses({"three.safetensors does not exist"});
  weight_map(R"({"t": "one.safetensors", "u": "one.safetensors", "w": "two.safetensors"})");
  copy_.refuses({"maps 'w' to two.safetensors, which has no such tensor"});
  weight_map(R"({"t": "one.safetensors", "v": "two.safetensors"})");
  copy_.refuses({"one.safetensors holds 'u'", "does not list"});
  write_tensors(copy_.dir / "two.safetensors", {"v", "u"});
  weight_map(R"({"t": "one.safetensors", "u": "one.safetensors", "v": "two.safetensors"})");
  copy_.refuses({"'u' is in two files", "two.safetensors", "one.safetensors"});
}

TEST(Checkpoint, FingerprintFollowsTheContent) {
  const Copy copy(kB);
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
  fs::copy_file(kB / shard.filename(), shard, fs::copy_options::overwrite_existing);
  fs::last_write_time(shard, time);
  EXPECT_EQ(print(), first);
  write_file(copy.dir / "generation_config.json", "{}");
  EXPECT_NE(print(), first);
}

}  // namespace
}  // namespace ttx::hf
