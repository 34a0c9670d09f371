// SPDX-License-Identifier: Apache-2.0
//
// ttx-eval --device_limits: the sentences that the hardware would answer with, and the ways out that they
// name.
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

class TtxEvalLimits : public testing::Test {
 protected:
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
  EXPECT_THAT(refused.err, HasSubstr("of KV cache: more than the 12.885 GB of DRAM (n150)"));
  EXPECT_THAT(refused.err, HasSubstr("--max_seq_len"));
}

}  // namespace
}  // namespace ttx::test
