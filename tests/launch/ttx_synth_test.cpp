// SPDX-License-Identifier: Apache-2.0
//
// Starts ttx-synth and opens what it wrote with the readers of the tree.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/hf/checkpoint.hpp"
#include "models/hf/tokenizer/tokenizer.hpp"
#include "runtime/file_map.hpp"
#include "tests/launch/synth_command.hpp"

namespace ttx {
namespace {

using namespace test::synth_command;

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Spread {
  double mean = 0.0;
  double deviation = 0.0;
};

Spread spread_of(const HostTensor& tensor) {
  double sum = 0.0;
  double squares = 0.0;
  const auto values = tensor.to_floats();
  for (const float value : values) {
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  const auto n = static_cast<double>(values.size());
  return {sum / n, std::sqrt(squares / n - sum / n * sum / n)};
}

TEST(TtxSynth, WritesACheckpointThatOpens) {
  const test::TempDir dir;
  write(kTied, dir / "m");
  const auto checkpoint = hf::Checkpoint::open(dir / "m");
  EXPECT_EQ(checkpoint.config().hidden_size, 80);
  EXPECT_EQ(checkpoint.config().dtype, "bfloat16");
  EXPECT_EQ(checkpoint.config().eos_token_ids, (std::vector<std::int32_t>{330}));
  EXPECT_THAT(checkpoint.generation_config().eos_token_ids, ElementsAre(330, 328));
  EXPECT_FALSE(checkpoint.has("lm_head.weight"));
  EXPECT_EQ(checkpoint.names().size(), 2U + 2U * 11U);
  EXPECT_EQ(checkpoint.tensor("model.layers.1.mlp.down_proj.weight", {80, 176}).dtype(), DataType::BFLOAT16);
}

TEST(TtxSynth, ValuesHaveTheirSpread) {
  const test::TempDir dir;
  write(kUntied, dir / "m", {"--dtype", "float32"});
  const auto checkpoint = hf::Checkpoint::open(dir / "m");
  // 517 * 72 numbers: the mean errs by a 193rd, the deviation by a 273rd of the deviation; five times that is
  // allowed.
  const auto head = spread_of(checkpoint.tensor("lm_head.weight", {517, 72}));
  const double expected = 2.5 / std::sqrt(72.0);
  EXPECT_NEAR(head.mean, 0.0, expected * 5 / 193);
  EXPECT_NEAR(head.deviation, expected, expected * 5 / 273);
  const auto up = spread_of(checkpoint.tensor("model.layers.0.mlp.up_proj.weight", {208, 72}));
  EXPECT_NEAR(up.deviation, 1 / std::sqrt(72.0), 1 / std::sqrt(72.0) * 5 / 173);
  const auto norm = spread_of(checkpoint.tensor("model.norm.weight", {72}));
  EXPECT_NEAR(norm.mean, 1.0, 0.1 * 5 / 8.4);
  EXPECT_GT(norm.deviation, 0.05);
  const auto embedding = checkpoint.tensor("model.embed_tokens.weight", {517, 72}).to_floats();
  EXPECT_NE(embedding, checkpoint.tensor("lm_head.weight", {517, 72}).to_floats());
}

TEST(TtxSynth, TypesAreRoundingsOfTheSameNumbers) {
  const test::TempDir dir;
  const std::string name = "model.layers.0.self_attn.q_proj.weight";
  std::map<std::string, std::vector<float>> values;
  for (const char* dtype : {"float32", "float16", "bfloat16"}) {
    write(kUntied, dir / dtype, {"--dtype", dtype});
    const auto checkpoint = hf::Checkpoint::open(dir / dtype);
    EXPECT_EQ(checkpoint.config().dtype, dtype);
    values[dtype] = checkpoint.tensor(name, {24 * 32, 72}).to_floats();
  }
  for (std::size_t i = 0; i < values["float32"].size(); ++i) {
    const float exact = values["float32"][i];
    const float size = std::abs(exact);
    // Half a step: 2^-11 of the value, below 2^-14 half of 2^-24; bfloat16 2^-9 of the value.
    ASSERT_LE(std::abs(values["float16"][i] - exact), std::max(size * 0x1p-11F, 0x1p-25F)) << i;
    ASSERT_LE(std::abs(values["bfloat16"][i] - exact), size * 0x1p-8F) << i;
  }
}

TEST(TtxSynth, SameSeedSameBytesOnAnyThreads) {
  const test::TempDir dir;
  write(kUntied, dir / "one", {"--seed", "7", "--threads", "1", "--shard_size", "200KB"});
  write(kUntied, dir / "five", {"--seed", "7", "--threads", "5", "--shard_size", "200KB"});
  write(kUntied, dir / "other", {"--seed", "8", "--shard_size", "200KB"});
  const auto one = contents(dir / "one");
  EXPECT_EQ(one, contents(dir / "five"));
  const auto other = contents(dir / "other");
  EXPECT_EQ(one.at("tokenizer.json"), other.at("tokenizer.json"));
  std::size_t shards = 0;
  for (const auto& [name, bytes] : one) {
    if (name.ends_with(".safetensors")) {
      EXPECT_NE(bytes, other.at(name)) << name;
      ++shards;
    }
  }
  EXPECT_GT(shards, 1U);
}

TEST(TtxSynth, ShardsHoldTheSameTensors) {
  const test::TempDir dir;
  write(kUntied, dir / "whole");
  write(kUntied, dir / "cut", {"--shard_size", "100KiB"});
  EXPECT_TRUE(fs::exists(dir / "whole" / "model.safetensors"));
  EXPECT_TRUE(fs::exists(dir / "cut" / "model.safetensors.index.json"));
  EXPECT_FALSE(fs::exists(dir / "cut" / "model.safetensors"));
  const auto whole = hf::Checkpoint::open(dir / "whole");
  const auto cut = hf::Checkpoint::open(dir / "cut");
  ASSERT_EQ(whole.names(), cut.names());
  EXPECT_EQ(whole.tensor("lm_head.weight", {517, 72}).to_floats(),
            cut.tensor("lm_head.weight", {517, 72}).to_floats());
}

TEST(TtxSynth, TokenizerTakesAnyText) {
  const test::TempDir dir;
  write(kTied, dir / "m");
  const auto tokenizer = hf::Tokenizer::load(dir / "m");
  EXPECT_EQ(tokenizer.vocab_size(), 331);
  EXPECT_EQ(tokenizer.token_to_id("<|im_end|>"), 330);
  EXPECT_EQ(tokenizer.eos_id(), 330);
  EXPECT_EQ(tokenizer.pad_id(), 328);
  std::string all;
  for (char c = 1; c < 127; ++c) {
    all += c;
  }
  for (const std::string& text :
       {std::string(), all, std::string("the other tent \n\n 12"),
        std::string("gr\u00f6\u00dfe \u4f60\u597d"), std::string("<|im_start|>user<|im_end|>")}) {
    const auto ids = tokenizer.encode(text, hf::AddSpecialTokens::kYes);
    EXPECT_EQ(tokenizer.decode(ids, hf::SkipSpecialTokens::kNo), text);
  }
  EXPECT_LT(tokenizer.encode("the other tent", hf::AddSpecialTokens::kNo).size(), 14U);
}

TEST(TtxSynth, OverwritesOnlyWhenAsked) {
  const test::TempDir dir;
  write(kUntied, dir.path());
  const auto refused = synth({"--config", kUntied, "--output", dir.path().string()});
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_THAT(refused.err, HasSubstr("is not empty"));
  // The old single file would hide the new shards.
  write(kUntied, dir.path(), {"--overwrite", "--shard_size", "300KB", "--seed", "1"});
  EXPECT_FALSE(fs::exists(dir / "model.safetensors"));
  EXPECT_EQ(hf::Checkpoint::open(dir.path()).names().size(), 14U);
  write(kUntied, dir.path(), {"--overwrite"});
  EXPECT_FALSE(fs::exists(dir / "model.safetensors.index.json"));
}

TEST(TtxSynth, DryRunWritesNothing) {
  const test::TempDir dir;
  const auto result =
      synth({"--model", "meta-llama/Llama-3.2-1B", "--dry_run", "--output", (dir / "m").string()});
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(
      result.out,
      "Would write: 146 tensors, 1235814400 parameters, 2471628800 bytes of bfloat16 in 1 weight file\n");
  EXPECT_FALSE(fs::exists(dir / "m"));
  const auto halves = synth({"--model", "meta-llama/Llama-3.2-1B", "--dry_run", "--dtype", "float32"});
  EXPECT_THAT(halves.out, HasSubstr("4943257600 bytes of float32 in 1 weight file"));
}

}  // namespace
}  // namespace ttx
