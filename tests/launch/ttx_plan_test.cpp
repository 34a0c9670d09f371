// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/run_command.hpp"

namespace ttx::test {
namespace {

using testing::HasSubstr;

const std::string kQwen = TTX_SOURCE_DIR "/models/Qwen/Qwen3-0.6B/t3000/functional/model.cpp";
const std::string kFalcon = TTX_SOURCE_DIR "/models/tiiuae/Falcon3-7B-Instruct/t3000/functional/model.cpp";
const std::string kSpark = TTX_SOURCE_DIR "/models/arcee-ai/Arcee-Spark/n150/functional/model.cpp";

constexpr const char* kHeadsOf64 = "../../launch/demo/checkpoint";

CommandResult plan(const std::string& model, const std::string& fixture, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{program("ttx-plan"), model, "--model", TTX_FIXTURES "/" + fixture};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run({.arguments = arguments, .environment = {}, .folder = {}});
}

TEST(TtxPlan, SaysWhatEveryDeviceHolds) {
  const CommandResult result = plan(kQwen, "qwen3-odd-a");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("on (2, 4): a line of 8 devices"));
  EXPECT_THAT(result.out, HasSubstr("KV cache of 2048 positions"));
  EXPECT_THAT(result.out, HasSubstr("model.layers.*.self_attn.q_proj.weight"));
  EXPECT_THAT(result.out, HasSubstr("with 12.885 GB of DRAM"));
  EXPECT_EQ(result.err, "");
}

TEST(TtxPlan, SaysHowHeadsArePadded) {
  const CommandResult result = plan(kFalcon, "llama-wide-heads");
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("zero heads appended up to"));
  EXPECT_THAT(plan(kFalcon, "llama-wide-heads", {"--mesh", "1x1"}).out, HasSubstr("on each of 1 devices"));
}

TEST(TtxPlan, DeviceLimitsAndCaps) {
  EXPECT_THAT(plan(kSpark, "qwen2-odd").out, HasSubstr("KV cache of 512 positions\n"));
  EXPECT_THAT(plan(kSpark, "qwen2-odd", {"--device_limits"}).out,
              HasSubstr("KV cache of 64 positions: with "));
  EXPECT_THAT(plan(kSpark, "qwen2-odd", {"--max_cache_seq_len", "1024"}).out, HasSubstr("of 1024 positions"));
}

TEST(TtxPlan, WhatExceedsTheDramIsRefusedWhereLimitsHold) {
  const std::vector<std::string> too_long{"--mesh", "1x1", "--max_seq_len", "600000"};
  EXPECT_EQ(plan(kQwen, kHeadsOf64, too_long).exit_code, 0);
  std::vector<std::string> with_limits = too_long;
  with_limits.emplace_back("--device_limits");
  const CommandResult result = plan(kQwen, kHeadsOf64, with_limits);
  EXPECT_EQ(result.exit_code, 3);
  EXPECT_THAT(result.err, HasSubstr("more than the 12.885 GB of DRAM (n150); take a larger mesh"));
  EXPECT_THAT(result.out, HasSubstr("model.layers.*.k_cache"));  // the table of what does not fit
  EXPECT_THAT(result.out, HasSubstr("with 12.885 GB of DRAM"));
}

TEST(TtxPlan, ARefusedMeshIsExitCode3AndAForeignCheckpoint4) {
  const CommandResult mesh = plan(kQwen, "qwen3-odd-a", {"--mesh", "8x8"});
  EXPECT_EQ(mesh.exit_code, 3);
  EXPECT_THAT(mesh.err, HasSubstr("[mesh]"));
  EXPECT_THAT(mesh.err, HasSubstr("run on at most"));
  const CommandResult foreign = plan(kQwen, "llama-odd");
  EXPECT_EQ(foreign.exit_code, 4);
  EXPECT_THAT(foreign.err, HasSubstr("model_type: got \"llama\", expected \"qwen3\""));
  EXPECT_EQ(plan(kQwen, "qwen3-odd-a", {"--mesh", "2"}).exit_code, 2);
  EXPECT_EQ(plan(kQwen, "nothing-there").exit_code, 4);
}

}  // namespace
}  // namespace ttx::test
