// SPDX-License-Identifier: Apache-2.0
//
// Phi-3 with max_seq_len beyond the original length: the long rotary factors, for the whole run.
#include <cstddef>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/safetensors.hpp"
#include "tests/launch/eval_command.hpp"
#include "tests/models/family/correlation.hpp"

namespace ttx::test {
namespace {

constexpr const char* kModel = "microsoft/Phi-3-mini-128k-instruct";
constexpr const char* kLong = "long.reference.safetensors";  // prompt and tokens beyond the original length
constexpr const char* kShort = "reference.safetensors";
constexpr const char* kLength = "4128";        // of rotary table and cache
constexpr std::size_t kOriginalLength = 4096;  // original_max_position_embeddings
const std::string kFolder = TTX_FIXTURES "/phi3-long";

struct Outcome {
  std::string hash;
  std::vector<float> logits;
};

class LongFactors : public testing::Test {
 protected:
  /// What a reference file of the folder holds, scored on that many ranks.
  Outcome evaluate(int ranks, const std::string& reference, const std::vector<std::string>& more = {}) {
    const std::string json = (files_ / "results.json").string();
    const std::string logits = (files_ / "logits.safetensors").string();
    std::vector<std::string> arguments{bring_up(ranks == 1 ? "n150" : "n300", kModel),
                                       "--model",
                                       kFolder,
                                       "--reference",
                                       kFolder + "/" + reference,
                                       "--max_seq_len",
                                       kLength,
                                       "--max_cache_seq_len",
                                       kLength,
                                       "--json",
                                       json,
                                       "--logits_out",
                                       logits};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const CommandResult result = run(eval(ranks, files_, arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(json);
    return {nlohmann::json::parse(stream)["logits_sha256"],
            SafetensorsFile::open(logits).tensor("logits").to_floats()};
  }

  TempDir files_;
};

TEST_F(LongFactors, GiveTheLibrarysLogitsBeyondTheOriginalLength) {
  const SafetensorsFile file = SafetensorsFile::open(kFolder + "/" + kLong);
  const std::vector<float> expected = file.tensor("logits").to_floats();
  const auto rows = static_cast<std::size_t>(file.tensor("logits").shape()[0]);
  const std::size_t width = expected.size() / rows;
  // Row i is that of a sequence of prompt + i tokens; up to the original length the library took short
  // factors.
  const std::size_t first_long = kOriginalLength + 1 - file.int64s("prompt_ids").size();

  const Outcome one = evaluate(1, kLong);
  ASSERT_EQ(one.logits.size(), expected.size());
  const auto correlation = [&](std::size_t begin, std::size_t end) {
    const auto part = [&](const std::vector<float>& all) {
      const auto values = std::span(all).subspan(begin * width, (end - begin) * width);
      return std::vector<float>(values.begin(), values.end());
    };
    return pearson(part(one.logits), part(expected));
  };
  EXPECT_GE(correlation(first_long, rows), 0.999);
  EXPECT_LT(correlation(0, first_long), 0.9);  // so the factors do matter
  EXPECT_EQ(evaluate(2, kLong).hash, one.hash);
}

TEST_F(LongFactors, GiveTheSameBitsTokenByToken) {
  const std::string whole = evaluate(1, kShort).hash;
  EXPECT_EQ(evaluate(1, kShort, {"--prefill_decode"}).hash, whole);
  EXPECT_EQ(evaluate(2, kShort, {"--prefill_decode"}).hash, whole);
}

}  // namespace
}  // namespace ttx::test
