// SPDX-License-Identifier: Apache-2.0
// Folders that are no whole checkpoint, and what is said of them.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/checkpoint.hpp"
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

TEST(Checkpoint, NamesMissingShards) {
  const CheckpointCopy copy(kShards);
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
  const auto checkpoint = Checkpoint::open(kOneFile);
  const std::string name = "model.norm.weight";
  expect_error(ExitCode::kCheckpoint, {"model.safetensors", name, "got shape [80]", "expected [81]"},
               [&] { checkpoint.tensor(name, {81}); });
  expect_error(ExitCode::kCheckpoint, {"got shape [80]", "expected [1, 80]"}, [&] {
    checkpoint.tensor(name, {1, 80});
  });
  expect_error(ExitCode::kCheckpoint, {"no tensor 'absent'", "[3]"},
               [&] { checkpoint.tensor("absent", {3}); });
  EXPECT_THAT(checkpoint.unused(), Contains(name));
  const CheckpointCopy copy(kOneFile);
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
  expect_error(ExitCode::kCheckpoint, {"no folder", "absent"}, [] { Checkpoint::open(kOneFile / "absent"); });
  const CheckpointCopy copy(kOneFile);
  fs::rename(copy.dir / "model.safetensors", copy.dir / "pytorch_model.bin");
  copy.refuses({"pytorch_model.bin only", "convert"});
  fs::remove(copy.dir / "pytorch_model.bin");
  copy.refuses({"model.safetensors does not exist"});
  fs::remove(copy.dir / "config.json");
  copy.refuses({"config.json does not exist"});
}

TEST(Checkpoint, ASingleFileHidesTheIndex) {
  const CheckpointCopy copy(kShards);
  write_tensors(copy.dir / "model.safetensors", {"only"});
  EXPECT_THAT(Checkpoint::open(copy.dir.path()).names(), ElementsAre("only"));
  fs::remove(copy.dir / "model.safetensors");
  fs::create_symlink("../../blobs/gone", copy.dir / "model.safetensors");
  copy.refuses({"model.safetensors is a link to ../../blobs/gone"});
}

TEST(Checkpoint, WrongShapesNameTheDefaultsThatWereTaken) {
  const CheckpointCopy copy(kShards);
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
  CheckpointCopy copy_{kShards};
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

}  // namespace
}  // namespace ttx::hf
