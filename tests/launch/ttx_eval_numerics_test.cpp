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
  /// Least one of the device's logits with the reference's. bfloat16 sums and intermediates leave 0.9977 to
  /// 0.9995; each bound allows twice the noise of its checkpoint.
  double correlation;

  std::string module() const {
    return std::string(TTX_SOURCE_DIR) + "/models/" + model + "/" + system + "/functional/model.cpp";
  }
  std::string checkpoint() const { return std::string(TTX_FIXTURES) + "/" + fixture; }
  std::string reference() const { return checkpoint() + "/reference.safetensors"; }
};

const Place kN150{"Qwen/Qwen3-0.6B", "n150", 1, "qwen3-odd-a", 0.998};
const Place kN300{"Qwen/Qwen3-0.6B", "n300", 2, "qwen3-odd-a", 0.998};
const Place kT3000{"Qwen/Qwen3-0.6B", "t3000", 8, "qwen3-odd-a", 0.998};

const std::vector<Place>& places() {
  static const std::vector<Place> all{
      kN150,
      kN300,
      kT3000,
      {"meta-llama/Llama-3.2-1B", "n150", 1, "llama-odd", 0.9975},
      {"microsoft/Phi-3-mini-128k-instruct", "n150", 1, "phi3-long", 0.998},
      {"mistralai/Mistral-7B-Instruct-v0.3", "n150", 1, "mistral-odd", 0.998},
      {"arcee-ai/Arcee-Spark", "n150", 1, "qwen2-odd", 0.996},  // a compute config
      {"tiiuae/Falcon3-7B-Instruct", "n150", 1, "llama-wide-heads", 0.997},
      {"google/gemma-3-4b-it", "n150", 1, "gemma3-odd", 0.997},
      {"google/gemma-3-4b-it", "n150", 1, "gemma3-text", 0.9985},
      {"humain-ai/ALLaM-7B-Instruct-preview", "n150", 1, "llama-wide-heads", 0.997},
      {"arcee-ai/AFM-4.5B", "n150", 1, "arcee-odd", 0.995},
  };
  return all;
}

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
  for (const Place& place : places()) {
    SCOPED_TRACE(place.model + " " + place.system + " " + place.fixture);
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
    EXPECT_GT(pearson(device.logits, reference), place.correlation);
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
