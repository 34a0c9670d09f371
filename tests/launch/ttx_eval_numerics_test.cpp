// SPDX-License-Identifier: Apache-2.0
//
// ttx-eval --numerics: what the hardware would compute is another thing than the exact result, and near it.
#include <fstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/safetensors.hpp"
#include "tests/launch/eval_command.hpp"
#include "tests/models/family/correlation.hpp"

namespace ttx::test {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Outcome {
  nlohmann::json report;
  std::vector<float> logits;
  std::string log;
};

class TtxEvalNumerics : public testing::Test {
 protected:
  /// The fixture's reference, scored.
  Outcome evaluate(int ranks, const std::string& system, std::vector<std::string> more) {
    const std::string json = (files_ / "results.json").string();
    const std::string logits = (files_ / "logits.safetensors").string();
    std::vector<std::string> arguments{
        bring_up(system), "--model", tiny_checkpoint(), "--reference", kReference,
        "--json",         json,      "--logits_out",    logits};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run(eval(ranks, cache_, arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(json);
    return {nlohmann::json::parse(stream, nullptr, false),
            SafetensorsFile::open(logits).tensor("logits").to_floats(), result.err};
  }

  const std::string kReference = tiny_checkpoint() + "/reference.safetensors";
  TempDir cache_;
  TempDir files_;
};

TEST_F(TtxEvalNumerics, OfTheDeviceOnEveryMesh) {
  const std::vector<float> reference = SafetensorsFile::open(kReference).tensor("logits").to_floats();
  const Outcome exact = evaluate(1, "n150", {});
  EXPECT_EQ(exact.report["numerics"], "exact");
  EXPECT_THAT(exact.log, Not(HasSubstr("numerics")));
  const std::vector<std::pair<int, std::string>> meshes = {{1, "n150"}, {2, "n300"}, {8, "t3000"}};
  for (const auto& [ranks, system] : meshes) {
    const Outcome device = evaluate(ranks, system, {"--numerics", "device"});
    EXPECT_EQ(device.report["numerics"], "device");
    EXPECT_THAT(device.log, HasSubstr("numerics: device"));
    EXPECT_NE(device.report["logits_sha256"], exact.report["logits_sha256"]) << system;
    ASSERT_EQ(device.logits.size(), exact.logits.size());
    const std::vector<float> expected(reference.begin(),
                                      reference.begin() + static_cast<std::ptrdiff_t>(device.logits.size()));
    EXPECT_GT(pearson(device.logits, exact.logits), 0.99) << system;
    EXPECT_GT(pearson(device.logits, expected), 0.99) << system;
    EXPECT_LT(pearson(device.logits, expected), pearson(exact.logits, expected)) << system;
  }
}

TEST_F(TtxEvalNumerics, AreTheSameWithAnyThreadsAndTransport) {
  const std::vector<std::string> device{"--numerics", "device"};
  const auto hash = [&](int ranks, const std::string& system, std::vector<std::string> more) {
    more.insert(more.end(), device.begin(), device.end());
    return evaluate(ranks, system, more).report["logits_sha256"];
  };
  EXPECT_EQ(hash(1, "n150", {"--threads", "1"}), hash(1, "n150", {"--threads", "3"}));
  EXPECT_EQ(hash(2, "n300", {"--isa", "generic"}), hash(2, "n300", {"--ccl", "shm", "--threads", "2"}));
}

TEST_F(TtxEvalNumerics, ExactIsTheDefault) {
  EXPECT_EQ(evaluate(1, "n150", {}).report["logits_sha256"],
            evaluate(2, "n300", {"--numerics", "exact"}).report["logits_sha256"]);
}

TEST_F(TtxEvalNumerics, OthersAreRefused) {
  const CommandResult refused =
      run(eval(0, cache_, {bring_up("n150"), "--model", tiny_checkpoint(), "--numerics", "fast"}));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--numerics"));
  EXPECT_THAT(refused.err, HasSubstr("fast"));
}

}  // namespace
}  // namespace ttx::test
