// SPDX-License-Identifier: Apache-2.0
#include "models/reference/reference_file.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "runtime/safetensors_writer.hpp"
#include "tests/models/reference/fixture.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::reference {
namespace {

Reference sample() {
  Reference reference;
  reference.prompt_ids = {3, 0, 4};
  reference.target_ids = {1, 2};
  std::vector<float> logits(2 * 5);
  std::vector<float> hidden(3 * 4 * 2);
  for (std::size_t i = 0; i < hidden.size(); ++i) {
    hidden[i] = static_cast<float>(i) * 0.25F;
  }
  logits[7] = 1e30F;
  reference.logits = HostTensor::from("logits", {2, 5}, logits);
  reference.hidden_states = HostTensor::from("hidden_states", {3, 4, 2}, hidden);
  reference.metadata = {{"model", "a model"}, {"producer", "ttx"}, {"checkpoint_fingerprint", "abc"}};
  return reference;
}

TEST(ReferenceFile, RoundTrip) {
  const test::TempDir folder;
  const Reference written = sample();
  write_reference(folder / "r.safetensors", written);
  const Reference read = read_reference(folder / "r.safetensors");
  EXPECT_EQ(read.prompt_ids, written.prompt_ids);
  EXPECT_EQ(read.target_ids, written.target_ids);
  EXPECT_EQ(read.logits.shape(), written.logits.shape());
  EXPECT_EQ(read.logits.to_floats(), written.logits.to_floats());
  EXPECT_EQ(read.hidden_states.shape(), written.hidden_states.shape());
  EXPECT_EQ(read.hidden_states.to_floats(), written.hidden_states.to_floats());
  EXPECT_EQ(read.metadata.at("model"), "a model");
  EXPECT_EQ(read.metadata.at("format"), "ttx-reference");
  EXPECT_EQ(read.metadata.at("version"), "1");
  EXPECT_EQ(read.metadata.at("dtype"), "float32");
  EXPECT_EQ(read.metadata.at("checkpoint_fingerprint"), "abc");
}

TEST(ReferenceFile, TokensAlone) {
  const test::TempDir folder;
  Reference written = sample();
  written.logits = {};
  written.hidden_states = {};
  write_reference(folder / "r.safetensors", written);
  const Reference read = read_reference(folder / "r.safetensors");
  EXPECT_EQ(read.target_ids, written.target_ids);
  EXPECT_EQ(read.logits.shape().rank(), 0);
  EXPECT_EQ(read.hidden_states.shape().rank(), 0);
}

TEST(ReferenceFile, ReadsWhatTheLibraryScriptWrote) {
  const Reference read = read_reference(test::fixture("qwen3-odd-b") / "reference.safetensors");
  const test::LibraryResult library("qwen3-odd-b");
  EXPECT_EQ(read.prompt_ids, library.prompt);
  EXPECT_EQ(read.target_ids, library.targets);
  EXPECT_EQ(read.logits.shape()[1], 517);
  EXPECT_EQ(read.hidden_states.shape()[0], 2);
  EXPECT_EQ(read.metadata.at("producer").substr(0, 12), "transformers");
}

TEST(ReferenceFile, WritingRefusesWhatDoesNotFit) {
  const test::TempDir folder;
  const auto refused = [&](const std::function<void(Reference&)>& change, std::string_view piece) {
    Reference reference = sample();
    change(reference);
    test::expect_error(ExitCode::kCheckpoint, {piece}, [&] { write_reference(folder / "r", reference); });
    EXPECT_FALSE(std::filesystem::exists(folder / "r"));
  };
  refused([](Reference& r) { r.prompt_ids.clear(); }, "prompt has no tokens");
  refused([](Reference& r) { r.prompt_ids[0] = 5; }, "token 5 is outside the vocabulary of 5");
  refused([](Reference& r) { r.target_ids[1] = -1; }, "token -1 is outside");
  refused([](Reference& r) { r.target_ids.pop_back(); }, "'logits' has shape [2, 5], expected [1, V]");
  refused([](Reference& r) { r.logits = r.logits.reshaped({10}); }, "expected 2 dims of FLOAT32");
  refused(
      [](Reference& r) {
        r.hidden_states = r.hidden_states.reshaped({4, 3, 2});
      },
      "expected [layers + 1, 4, H]");
  refused(
      [](Reference& r) {
        r.hidden_states = r.hidden_states.reshaped({1, 4, 6});
      },
      "expected [layers + 1, 4, H]");
}

/// A file of the format with one thing changed.
class ReferenceFileDamage : public ::testing::Test {
 protected:
  test::TempDir folder_;
  std::map<std::string, std::string> metadata_{
      {"format", "ttx-reference"}, {"version", "1"}, {"dtype", "float32"}};
  SafetensorsWriter::Tensor prompt_{"prompt_ids", "I64", {2}};
  SafetensorsWriter::Tensor targets_{"target_ids", "I64", {2}};
  std::vector<std::int64_t> prompt_values_{1, 2};
  std::vector<std::int64_t> target_values_{3, 4};

  std::filesystem::path write() {
    std::filesystem::path path = folder_ / "file";
    SafetensorsWriter writer(path, {prompt_, targets_}, metadata_);
    writer.write(prompt_.name, std::as_bytes(std::span(prompt_values_)).first(prompt_.bytes()));
    writer.write(targets_.name, std::as_bytes(std::span(target_values_)).first(targets_.bytes()));
    writer.finish();
    return path;
  }
  void refused(std::string_view piece) {
    const std::filesystem::path path = write();
    test::expect_error(ExitCode::kCheckpoint, {path.string(), piece}, [&] { read_reference(path); });
  }
};

TEST_F(ReferenceFileDamage, NothingChanged) {
  EXPECT_EQ(read_reference(write()).target_ids, (std::vector{3, 4}));
}

TEST_F(ReferenceFileDamage, IdsOf32Bits) {
  prompt_ = {"prompt_ids", "I32", {2}};
  prompt_values_[0] = std::int64_t{7} << 32 | 5;
  EXPECT_EQ(read_reference(write()).prompt_ids, (std::vector{5, 7}));
}

TEST_F(ReferenceFileDamage, WrongFormat) {
  metadata_["format"] = "pt";
  refused("not a reference file: format is \"pt\"");
}

TEST_F(ReferenceFileDamage, NoFormat) {
  metadata_.clear();
  refused("make_reference.py");
}

TEST_F(ReferenceFileDamage, WrongVersion) {
  metadata_["version"] = "2";
  refused("got version \"2\", expected \"1\"");
}

TEST_F(ReferenceFileDamage, WrongPrecision) {
  metadata_["dtype"] = "bfloat16";
  refused("got dtype \"bfloat16\"");
}

TEST_F(ReferenceFileDamage, MissingTensor) {
  targets_.name = "targets";
  refused("'target_ids' is missing");
}

TEST_F(ReferenceFileDamage, WrongType) {
  targets_.dtype = "F32";
  refused("'target_ids' is F32 [2], expected one dim of I64 or I32");
}

TEST_F(ReferenceFileDamage, WrongRank) {
  prompt_.shape = {1, 2};
  refused("'prompt_ids' is I64 [1, 2], expected one dim");
}

TEST_F(ReferenceFileDamage, IdsOutOfRange) {
  prompt_values_[1] = std::int64_t{1} << 31;
  refused("holds 2147483648, which is not a token id");
  prompt_values_[1] = -1;
  refused("holds -1, which is not a token id");
}

TEST_F(ReferenceFileDamage, LogitsOfAnotherType) {
  const std::filesystem::path path = folder_ / "file";
  SafetensorsWriter writer(path, {prompt_, targets_, {"logits", "I64", {2}}}, metadata_);
  for (const char* const name : {"prompt_ids", "target_ids", "logits"}) {
    writer.write(name, std::as_bytes(std::span(prompt_values_)));
  }
  writer.finish();
  test::expect_error(ExitCode::kCheckpoint, {"'logits' is I64 [2], expected F32"},
                     [&] { read_reference(path); });
}

}  // namespace
}  // namespace ttx::reference
