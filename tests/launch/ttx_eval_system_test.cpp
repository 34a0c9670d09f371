// SPDX-License-Identifier: Apache-2.0
//
// ttx-eval under the variables that name a system: what it prints, logs and writes, and its exit codes.
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

const std::string kFixtures = std::string(TTX_FIXTURES) + "/mesh_graph_descriptors/";
const std::string kShipped = std::string(TTX_BINARY_DIR) + "/share/ttx/mesh_graph_descriptors/";
const std::string kUsing = "Using TT_MESH_GRAPH_DESC_PATH=";

class TtxEvalSystem : public testing::Test {
 protected:
  CommandResult evaluate(int ranks, const std::string& system, const std::vector<std::string>& environment,
                         const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{
        bring_up(system),   "--model", demo_checkpoint(), "--prompt", "Once upon a time",
        "--max_new_tokens", "4",       "--json",          json_file()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    fs::remove(json_file());
    Command command = eval(ranks, cache_, arguments);
    command.environment.insert(command.environment.end(), environment.begin(), environment.end());
    return run(command);
  }
  std::string json_file() const { return (files_ / "results.json").string(); }
  nlohmann::json json() const {
    std::ifstream stream(json_file());
    return nlohmann::json::parse(stream, nullptr, false);
  }
  /// One sentence, exit code 3, before the reference is computed.
  void expect_refused(int ranks, const std::string& system, const std::vector<std::string>& environment,
                      const std::vector<std::string>& pieces, const std::vector<std::string>& more = {}) {
    const CommandResult result = evaluate(ranks, system, environment, more);
    EXPECT_EQ(result.exit_code, 3) << result.err;
    EXPECT_EQ(count(result.err, "ttx-eval: error: "), 1U) << result.err;
    for (const std::string& piece : pieces) {
      EXPECT_THAT(result.err, HasSubstr(piece));
    }
    EXPECT_THAT(result.out, Not(HasSubstr("Generating reference tokens")));
    EXPECT_THAT(result.err, Not(HasSubstr("libprotobuf")));
  }

  TempDir cache_;
  TempDir files_;
};

TEST_F(TtxEvalSystem, TheDefaultIsNamedOnStdout) {
  const CommandResult t3000 = evaluate(8, "t3000", {});
  ASSERT_EQ(t3000.exit_code, 0) << t3000.err;
  EXPECT_THAT(t3000.out, HasSubstr("Generating reference tokens...\n" + kUsing + kShipped +
                                   "t3k_mesh_graph_descriptor.textproto\nOpening mesh device: (2, 4)...\n"));
  EXPECT_EQ(json()["devices"], nlohmann::json({0, 1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(json()["system"]["fit"], "as is");
  EXPECT_EQ(json()["system"]["links"], 2);
  EXPECT_EQ(json()["system"]["policy"], "RELAXED");

  const CommandResult n150 = evaluate(0, "n150", {});
  ASSERT_EQ(n150.exit_code, 0) << n150.err;
  EXPECT_THAT(n150.out, HasSubstr("Generating reference tokens...\nOpening device...\n"));
  EXPECT_TRUE(json()["system"].is_null());
  EXPECT_EQ(json()["devices"], nlohmann::json::array({0}));
}

TEST_F(TtxEvalSystem, AGivenDescriptorIsNotPrinted) {
  const CommandResult rotated =
      evaluate(8, "t3000", {"TT_MESH_GRAPH_DESC_PATH=" + kFixtures + "good/t3k_4x2_dim_types.textproto"});
  ASSERT_EQ(rotated.exit_code, 0) << rotated.err;
  EXPECT_THAT(rotated.out, Not(HasSubstr(kUsing)));
  EXPECT_THAT(rotated.out, HasSubstr("Opening mesh device: (2, 4)...\n"));
  EXPECT_EQ(count(rotated.err, "[rank 0] info: the (2, 4) mesh lies rotated in system mesh (4, 2)"), 1U)
      << rotated.err;
  EXPECT_EQ(json()["system"]["fit"], "rotated");
  EXPECT_EQ(json()["system"]["mesh"], nlohmann::json({4, 2}));
  EXPECT_EQ(json()["devices"], nlohmann::json({0, 2, 4, 6, 1, 3, 5, 7}));
  const auto hash = json()["logits_sha256"];

  const CommandResult galaxy = evaluate(8, "t3000", {"TT_MESH_GRAPH_DESC_PATH=galaxy"});
  ASSERT_EQ(galaxy.exit_code, 0) << galaxy.err;
  EXPECT_EQ(json()["system"]["mesh"], nlohmann::json({8, 4}));
  EXPECT_EQ(json()["logits_sha256"], hash);  // where a device lies changes no number
}

TEST_F(TtxEvalSystem, TooSmallOrBrokenDescriptors) {
  expect_refused(8, "t3000", {"TT_MESH_GRAPH_DESC_PATH=n300"},
                 {"[mesh] Requested mesh (2, 4) exceeds system mesh (1, 2) of " + kShipped,
                  "set TT_MESH_GRAPH_DESC_PATH to the descriptor of a larger system"});
  const std::string broken = kFixtures + "broken/truncated.textproto";
  for (const auto& [ranks, system] : {std::pair(8, "t3000"), std::pair(0, "n150")}) {
    expect_refused(ranks, system, {"TT_MESH_GRAPH_DESC_PATH=" + broken},
                   {"[mesh graph descriptor] " + broken + ":6:17: Expected \"{\""});
  }
  expect_refused(2, "n300", {"TT_MESH_GRAPH_DESC_PATH=" + kFixtures + "broken/mgd_1_0.yaml"},
                 {"got the YAML form of old"});
  expect_refused(0, "n150", {"TT_MESH_GRAPH_DESC_PATH=/no/such/file"}, {"/no/such/file: no such file"});
}

TEST_F(TtxEvalSystem, VisibleDevices) {
  const CommandResult cards = evaluate(8, "t3000", {"TT_VISIBLE_DEVICES=0,1,2,3"});
  ASSERT_EQ(cards.exit_code, 0) << cards.err;
  EXPECT_EQ(json()["devices"], nlohmann::json({0, 4, 1, 5, 2, 6, 3, 7}));
  EXPECT_EQ(count(cards.err, "the mesh's line is devices 0, 4, 1, 5, 2, 6, 3, 7"), 1U) << cards.err;

  const CommandResult one = evaluate(0, "n150", {"TT_VISIBLE_DEVICES=2,5"}, {"--device_id", "1"});
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_EQ(json()["devices"], nlohmann::json::array({5}));
  EXPECT_THAT(one.err, HasSubstr("[rank 0 (0, 0) device 5] info: near-ties"));

  expect_refused(8, "t3000", {"TT_VISIBLE_DEVICES=0,1,2"}, {"TT_VISIBLE_DEVICES=0,1,2: got 3 devices"});
  expect_refused(2, "n300", {"TT_VISIBLE_DEVICES=0,0"}, {"got device 0 twice"});
  expect_refused(2, "n300", {"TT_VISIBLE_DEVICES=0,-1"}, {"got \"-1\""});
  expect_refused(0, "n150", {"TT_METAL_VISIBLE_DEVICE=first"},
                 {"TT_METAL_VISIBLE_DEVICE=first: got \"first\""});
  expect_refused(0, "n150", {"TT_VISIBLE_DEVICES=2,5"}, {"--device_id 2"}, {"--device_id", "2"});
}

TEST_F(TtxEvalSystem, VariablesWithoutEffectAreNamedOnce) {
  const CommandResult result =
      evaluate(2, "n300", {"TT_METAL_HOME=/x", "TT_METAL_INSPECTOR=0", "TT_METAL_RUNTIME_ROOT=/y"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(count(result.err,
                  "no effect, for there is no device: TT_METAL_HOME, TT_METAL_INSPECTOR, "
                  "TT_METAL_RUNTIME_ROOT\n"),
            1U)
      << result.err;
}

TEST_F(TtxEvalSystem, TtMetalCacheHoldsTheTokens) {
  const TempDir cache;
  const CommandResult result = evaluate(0, "n150", {"TTX_CACHE", "TT_METAL_CACHE=" + cache.path().string()});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_FALSE(fs::is_empty(cache.path()));
  EXPECT_EQ(count(result.err, "TT_METAL_CACHE=" + cache.path().string() + ": what is kept"), 1U)
      << result.err;
  const TempDir own;
  const CommandResult hidden = evaluate(
      0, "n150", {"TTX_CACHE=" + own.path().string(), "TT_METAL_CACHE=" + (cache / "unused").string()});
  ASSERT_EQ(hidden.exit_code, 0) << hidden.err;
  EXPECT_FALSE(fs::exists(cache / "unused"));
  EXPECT_EQ(count(hidden.err, "unused: no effect, for TTX_CACHE is set"), 1U) << hidden.err;
}

}  // namespace
}  // namespace ttx::test
