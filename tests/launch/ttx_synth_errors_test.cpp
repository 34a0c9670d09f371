// SPDX-License-Identifier: Apache-2.0
//
// What ttx-synth refuses, and what it leaves behind when it is stopped: nothing.
#include <algorithm>
#include <filesystem>
#include <string>
#include <unistd.h>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/synth_command.hpp"

namespace ttx {
namespace {

namespace fs = std::filesystem;
using namespace test::synth_command;
using ::testing::HasSubstr;

/// Starts the program in `folder` and stops it as soon as it writes weights into out. A machine that hardly
/// lets the shell run may see it finish first: that run is 0, not the signal's status.
test::CommandResult stopped(const test::TempDir& folder, const std::string& arguments) {
  const std::string start = test::program("ttx-synth") + " --dtype float32 --threads 1 " + arguments;
  return test::run(
      {.arguments = {"/bin/sh", "-c",
                     start + " & pid=$!; while kill -0 $pid && "
                             "! [ -e out/.ttx-synth-$pid/model.safetensors ]; do sleep 0.01; done; "
                             "kill -TERM $pid; wait $pid"},
       .environment = {},
       .folder = folder.path().string()});
}

TEST(TtxSynth, InterruptedItLeavesNothing) {
  constexpr int kAttempts = 5;
  constexpr int kTerminated = 128 + 15;
  const test::TempDir dir;
  dir.write("config.json", R"({"model_type": "llama", "hidden_size": 512, "num_attention_heads": 4,
      "intermediate_size": 512, "num_hidden_layers": 1, "vocab_size": 150000})");
  test::CommandResult result;
  for (int i = 0; i < kAttempts && result.exit_code != kTerminated; ++i) {
    fs::remove_all(dir / "out");
    result = stopped(dir, "--config config.json --output out/");
  }
  EXPECT_EQ(result.exit_code, kTerminated) << result.err;
  EXPECT_THAT(result.err, HasSubstr("interrupted, nothing was written"));
  EXPECT_FALSE(fs::exists(dir / "out"));

  write(kTied, dir / "out");
  auto before = contents(dir / "out");
  result = {};
  for (int i = 0; i < kAttempts && result.exit_code != kTerminated; ++i) {
    before = contents(dir / "out");
    result = stopped(dir, "--config config.json --output out --overwrite");
  }
  EXPECT_EQ(result.exit_code, kTerminated) << result.err;
  EXPECT_EQ(contents(dir / "out"), before);
}

/// A run that was killed outright leaves a hidden folder; the next one clears it away.
TEST(TtxSynth, LeftOversOfAKilledRunGo) {
  const test::TempDir dir;
  const std::string beyond_all_processes = ".ttx-synth-4194305";
  dir.write("out/" + beyond_all_processes + "/model.safetensors", "half");
  write(kTied, dir / "out");
  EXPECT_FALSE(fs::exists(dir / "out" / beyond_all_processes));
  EXPECT_TRUE(fs::exists(dir / "out/config.json"));
}

TEST(TtxSynth, LeavesAloneWhatAnotherRunWrites) {
  const test::TempDir dir;
  dir.write("out/.ttx-synth-" + std::to_string(::getpid()) + "/model.safetensors", "half");
  const auto result = synth({"--config", kTied, "--output", (dir / "out").string()});
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, HasSubstr("is not empty"));
}

TEST(TtxSynth, RefusesInOneLine) {
  const test::TempDir dir;
  const std::string out = (dir / "out").string();
  const auto config = [&](const std::string& name, int layers, int head_dim, int vocab) {
    return dir.write(name, R"({"model_type": "qwen3", "hidden_size": 8, "num_attention_heads": 2,
      "num_key_value_heads": 2, "intermediate_size": 8, "num_hidden_layers": )" +
                               std::to_string(layers) + R"(, "head_dim": )" + std::to_string(head_dim) +
                               R"(, "vocab_size": )" + std::to_string(vocab) + "}");
  };
  const auto small = config("small.json", 1, 32, 258);
  const auto odd_heads = config("odd_heads.json", 1, 48, 300);
  const auto wide_heads = config("wide_heads.json", 1, 288, 300);
  const auto deep = config("deep.json", 1000000000, 32, 300);
  const auto gpt2 = dir.write("gpt2.json", R"({"model_type": "gpt2"})");
  const auto vast = dir.write("vast.json", R"({"model_type": "llama", "hidden_size": 1048576,
      "num_attention_heads": 4096, "intermediate_size": 1048576, "num_hidden_layers": 1000, "vocab_size": 1000})");
  struct Case {
    std::vector<std::string> arguments;
    int exit_code;
    std::string text;
  };
  for (const Case& c : std::vector<Case>{
           {{"--output", out}, 2, "--config"},
           {{"--config", kTied}, 2, "--output"},
           {{"--model", "Qwen/Qwen3-0.6B"}, 2, "--output"},
           {{"--model", "org/other", "--output", out},
            2,
            "expected one of Qwen/Qwen3-0.6B, arcee-ai/AFM-4.5B"},
           {{"--model", "Qwen/Qwen3-0.6B", "--config", kTied, "--output", out}, 2, "excludes"},
           {{"--config", kTied, "--tiny", "--output", out}, 2, "--tiny"},
           {{"--config", vast.string(), "--output", out}, 1, "bytes free, expected at least 1"},
           {{"--config", kTied, "--output", out, "--what"}, 2, "--what"},
           {{"--config", kTied, "--output", out, "--dtype", "int8"}, 2, "int8"},
           {{"--config", kTied, "--output", out, "--seed", "x"}, 2, "--seed"},
           {{"--config", kTied, "--output", out, "--threads", "0"}, 2, "--threads"},
           {{"--config", kTied, "--output", out, "--shard_size", "5XB"}, 2, "'5XB'"},
           {{"--config", kTied, "--output", out, "--shard_size", "0"}, 2, "'0'"},
           {{"--config", kTied, "--output", out, "--shard_size", "99999999999GB"}, 2, "'99999999999GB'"},
           {{"--config", (dir / "absent").string(), "--output", out}, 4, "absent"},
           {{"--config", gpt2.string(), "--output", out}, 4, "\"gpt2\""},
           {{"--config", small.string(), "--output", out}, 4, "got 258, expected at least 259"},
           {{"--config", odd_heads.string(), "--output", out},
            4,
            "head_dim: got 48, expected a multiple of 32"},
           {{"--config", wide_heads.string(), "--output", out}, 4, "head_dim: got 288"},
           {{"--config", deep.string(), "--output", out}, 4, "num_hidden_layers: got 1000000000"},
           {{"--config", kTied, "--output", small.string()}, 1, "not a folder"}}) {
    const auto result = synth(c.arguments);
    EXPECT_EQ(result.exit_code, c.exit_code) << c.text;
    EXPECT_THAT(result.err, HasSubstr(c.text));
    EXPECT_THAT(result.err, ::testing::StartsWith("ttx-synth: error: "));
    EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
    EXPECT_EQ(result.out, "");
    EXPECT_FALSE(fs::exists(out));
  }
  const auto help = synth({"--help"});
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_THAT(help.out, HasSubstr("lm_head.weight"));
}

}  // namespace
}  // namespace ttx
