// SPDX-License-Identifier: Apache-2.0
//
// ttx-eval --device_limits: the sentences that the hardware would answer with, and the ways out that they
// name.
#include <fstream>
#include <numeric>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

using testing::HasSubstr;

constexpr const char* kSpark = "arcee-ai/Arcee-Spark";

class TtxEvalLimits : public testing::Test {
 protected:
  /// Arcee-Spark's fixture, 28 / 4 heads of 64, with the library's prompt and targets; what --json has.
  nlohmann::json spark(int ranks, const std::string& system, std::vector<std::string> more) {
    const std::string fixture = TTX_FIXTURES "/qwen2-odd";
    const std::string json = (files_ / "results.json").string();
    std::vector<std::string> arguments{
        bring_up(system, kSpark),           "--model",         fixture,  "--reference",
        fixture + "/reference.safetensors", "--device_limits", "--json", json};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run(eval(ranks, cache_, arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(json);
    return nlohmann::json::parse(stream, nullptr, false);
  }

  /// The demo checkpoint, 8 KV heads of 64, with a prompt of that many ids.
  CommandResult evaluate(int ranks, const std::string& system, int prompt, std::vector<std::string> more) {
    std::vector<int> ids(static_cast<std::size_t>(prompt));
    std::iota(ids.begin(), ids.end(), 1);
    const std::string file = files_.write("ids.json", nlohmann::json(ids).dump()).string();
    std::vector<std::string> arguments{
        bring_up(system), "--model", demo_checkpoint(), "--prompt_ids_file", file, "--max_new_tokens", "2"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(eval(ranks, cache_, arguments));
  }

  TempDir cache_;
  TempDir files_;
};

TEST_F(TtxEvalLimits, APromptBeyondTheCoresOfAnN150) {
  EXPECT_EQ(evaluate(1, "n150", 257, {}).exit_code, 0);
  EXPECT_EQ(evaluate(1, "n150", 256, {"--device_limits"}).exit_code, 0);
  const CommandResult refused = evaluate(1, "n150", 257, {"--device_limits"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err,
              HasSubstr("[fill_cache] Number of work blocks (72) must be <= total grid size (64)"));
  EXPECT_THAT(refused.err, HasSubstr("expected at most 256 positions"));
  // The ways out that the sentence names.
  EXPECT_EQ(evaluate(1, "n150", 257, {"--device_limits", "--prefill_decode"}).exit_code, 0);
  EXPECT_EQ(evaluate(2, "n300", 257, {"--device_limits"}).exit_code, 0);
}

TEST_F(TtxEvalLimits, EveryDeviceOfAMeshHasThem) {
  const CommandResult refused = evaluate(2, "n300", 513, {"--device_limits"});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_EQ(count(refused.err, "[fill_cache] Number of work blocks"), 1U) << refused.err;
}

TEST_F(TtxEvalLimits, ACacheBeyondTheDram) {
  // 32 users, 8 heads, 70000 positions of 64 values, keys and values of three layers: 12.8 GiB.
  const std::vector<std::string> longer{"--max_seq_len", "70000"};
  const CommandResult warned = evaluate(1, "n150", 4, longer);
  EXPECT_EQ(warned.exit_code, 0) << warned.err;
  EXPECT_THAT(warned.err, HasSubstr("this model fits here, not there"));
  const CommandResult refused = evaluate(1, "n150", 4, {"--max_seq_len", "70000", "--device_limits"});
  EXPECT_EQ(refused.exit_code, 3);
  EXPECT_THAT(refused.err,
              HasSubstr("of KV cache for 70000 positions: more than the 12.885 GB of DRAM (n150)"));
  EXPECT_THAT(refused.err, HasSubstr("--max_seq_len"));
}

TEST_F(TtxEvalLimits, ArceeSparkRepeatsItsKvHeads) {
  const nlohmann::json first = spark(1, "n150", {});
  EXPECT_GE(first["logits_pcc"], 0.99);
  for (const int ranks : {1, 2, 4, 8}) {
    const std::string mesh = "1x" + std::to_string(ranks);
    EXPECT_EQ(spark(ranks, "t3000", {"--mesh", mesh})["logits_sha256"], first["logits_sha256"]) << mesh;
  }
  EXPECT_EQ(spark(1, "n150", {"--prefill_decode"})["logits_sha256"], first["logits_sha256"]);
}

TEST_F(TtxEvalLimits, ArceeSparkThenHas64Positions) {
  std::vector<int> ids(60);
  std::iota(ids.begin(), ids.end(), 1);
  const std::string file = files_.write("ids.json", nlohmann::json(ids).dump()).string();
  const auto evaluate = [&](const std::string& new_tokens, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{bring_up("n150", kSpark),
                                       "--model",
                                       TTX_FIXTURES "/qwen2-odd",
                                       "--prompt_ids_file",
                                       file,
                                       "--device_limits",
                                       "--max_new_tokens",
                                       new_tokens,
                                       "--min_new_tokens",
                                       new_tokens};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(eval(1, cache_, arguments));
  };
  EXPECT_EQ(evaluate("5", {}).exit_code, 0);
  const CommandResult refused = evaluate("6", {});
  EXPECT_EQ(refused.exit_code, 5);
  EXPECT_THAT(refused.err,
              HasSubstr("sequence length 65 exceeds cache length 64: with --device_limits K and V "
                        "are repeated to 28 heads"));
  EXPECT_EQ(evaluate("6", {"--max_cache_seq_len", "96"}).exit_code, 0);
}

TEST_F(TtxEvalLimits, HeadsThatTheDeviceDoesNotTurn) {
  const std::vector<std::string> arguments{bring_up("n150", "mistralai/Mistral-7B-Instruct-v0.3"),
                                           "--model",
                                           demo_checkpoint("mistral"),
                                           "--prompt",
                                           "Once",
                                           "--device_limits"};
  const CommandResult refused = run(eval(1, cache_, arguments));
  EXPECT_EQ(refused.exit_code, 4);
  EXPECT_THAT(refused.err,
              HasSubstr("[rotary_embedding] width of a turned head: got 32, expected a multiple of 64"));
  EXPECT_THAT(refused.out, testing::Not(HasSubstr("Loading HuggingFace reference")));
}

}  // namespace
}  // namespace ttx::test
