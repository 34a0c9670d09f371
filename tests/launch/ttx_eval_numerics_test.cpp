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

/// A bring-up on a mesh and the tiny checkpoint that it runs.
struct Place {
  std::string model;
  std::string system;
  int ranks;
  std::string fixture;

  std::string module() const {
    return std::string(TTX_SOURCE_DIR) + "/models/" + model + "/" + system + "/functional/model.cpp";
  }
  std::string checkpoint() const { return std::string(TTX_FIXTURES) + "/" + fixture; }
  std::string reference() const { return checkpoint() + "/reference.safetensors"; }
};

const Place kN150{"Qwen/Qwen3-0.6B", "n150", 1, "qwen3-odd-a"};
const Place kN300{"Qwen/Qwen3-0.6B", "n300", 2, "qwen3-odd-a"};
const Place kT3000{"Qwen/Qwen3-0.6B", "t3000", 8, "qwen3-odd-a"};
/// Block floats.
const Place kMistral{"mistralai/Mistral-7B-Instruct-v0.3", "n150", 1, "mistral-odd"};
/// A compute config and biases.
const Place kArcee{"arcee-ai/Arcee-Spark", "n150", 1, "qwen2-odd"};

struct Outcome {
  nlohmann::json report;
  std::vector<float> logits;
  std::string log;
};

class TtxEvalNumerics : public testing::Test {
 protected:
  /// The checkpoint's reference, scored.
  Outcome evaluate(const Place& place, const std::vector<std::string>& more) {
    const std::string stem = (files_ / std::to_string(runs_++)).string();
    const std::string json = stem + ".json";
    const std::string logits = stem + ".safetensors";
    std::vector<std::string> arguments{place.module(), "--model",         place.checkpoint(),
                                       "--reference",  place.reference(), "--json",
                                       json,           "--logits_out",    logits};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run(eval(place.ranks, cache_, arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(json);
    return {nlohmann::json::parse(stream, nullptr, false),
            SafetensorsFile::open(logits).tensor("logits").to_floats(), result.err};
  }
  nlohmann::json hash(const Place& place, const std::vector<std::string>& more) {
    return evaluate(place, more).report["logits_sha256"];
  }

  TempDir cache_;
  TempDir files_;
  int runs_ = 0;
};

TEST_F(TtxEvalNumerics, OfTheDeviceAreNearTheReferenceAndNotExact) {
  for (const Place& place : {kN150, kN300, kT3000, kMistral, kArcee}) {
    SCOPED_TRACE(place.model + " " + place.system);
    const Outcome exact = evaluate(place, {});
    EXPECT_EQ(exact.report["numerics"], "exact");
    EXPECT_THAT(exact.log, Not(HasSubstr("numerics")));
    const Outcome device = evaluate(place, {"--numerics", "device"});
    EXPECT_EQ(device.report["numerics"], "device");
    EXPECT_THAT(device.log, HasSubstr("numerics: device"));
    EXPECT_NE(device.report["logits_sha256"], exact.report["logits_sha256"]);
    ASSERT_EQ(device.logits.size(), exact.logits.size());
    std::vector<float> reference = SafetensorsFile::open(place.reference()).tensor("logits").to_floats();
    reference.resize(device.logits.size());
    // bfloat16 sums and intermediates leave 0.998, exact ones 0.9993 or more.
    EXPECT_GT(pearson(device.logits, reference), 0.996);
    EXPECT_LT(pearson(device.logits, reference), pearson(exact.logits, reference));
  }
}

TEST_F(TtxEvalNumerics, AreTheSameWithAnyThreadsInstructionSetAndTransport) {
  const std::vector<std::string> plain{"--numerics", "device", "--threads", "1", "--isa", "generic"};
  EXPECT_EQ(hash(kN150, plain), hash(kN150, {"--numerics", "device", "--threads", "3"}));
  EXPECT_EQ(hash(kN300, plain), hash(kN300, {"--numerics", "device", "--threads", "2", "--ccl", "shm"}));
}

TEST_F(TtxEvalNumerics, ExactIsTheDefault) {
  EXPECT_EQ(hash(kN150, {}), hash(kN300, {"--numerics", "exact"}));
}

TEST_F(TtxEvalNumerics, OthersAreRefused) {
  const CommandResult refused =
      run(eval(0, cache_, {kN150.module(), "--model", kN150.checkpoint(), "--numerics", "fast"}));
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.err, HasSubstr("--numerics"));
  EXPECT_THAT(refused.err, HasSubstr("fast"));
}

}  // namespace
}  // namespace ttx::test
