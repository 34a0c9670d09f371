// SPDX-License-Identifier: Apache-2.0
//
// The bfloat16 device path against the fp32 reference, on the trained demo checkpoint.
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

constexpr int kTokensPerPrompt = 110;
constexpr std::size_t kSpan = 20;

struct Totals {
  int prompts = 0;
  int tokens = 0;
  int top1 = 0;
  int top5 = 0;
  int near_ties = 0;
  int clear_misses = 0;
  double entropy = 0;
  std::set<std::vector<int>> spans;
  int repeated_spans = 0;
};

/// The distance between neighbouring bfloat16 values at x.
double bfloat16_step(double x) {
  int exponent = 0;
  std::frexp(x, &exponent);
  return std::ldexp(1.0, exponent - 8);
}

void add(Totals& totals, const nlohmann::json& json) {
  const std::vector<int> tokens = json["tokens"];
  const std::vector<int> hits = json["hits"];
  const std::vector<double> margins = json["reference"]["margins"];
  const std::vector<double> tops = json["reference"]["top_logits"];
  const std::vector<double> entropies = json["reference"]["entropies"];
  ASSERT_EQ(tokens.size(), hits.size());
  ASSERT_EQ(tokens.size(), margins.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool near_tie = margins[i] <= 4 * bfloat16_step(tops[i]);
    totals.top1 += hits[i] == 1 ? 1 : 0;
    totals.top5 += hits[i] != 0 ? 1 : 0;
    totals.near_ties += near_tie ? 1 : 0;
    totals.clear_misses += !near_tie && hits[i] != 1 ? 1 : 0;
    totals.entropy += entropies[i];
  }
  for (std::size_t i = 0; i + kSpan <= tokens.size(); ++i) {
    const auto begin = tokens.begin() + static_cast<std::ptrdiff_t>(i);
    totals.repeated_spans += totals.spans.emplace(begin, begin + kSpan).second ? 0 : 1;
  }
  totals.prompts += 1;
  totals.tokens += static_cast<int>(tokens.size());
}

TEST(DemoAgreement, TheDevicePathMakesTheReferencesChoices) {
  const TempDir cache;
  Totals totals;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(TTX_SOURCE_DIR) + "/launch/prompts")) {
    if (entry.path().filename().string().rfind("demo_", 0) != 0) {
      continue;
    }
    const std::string file = (cache / "results.json").string();
    const CommandResult result =
        run(eval(0, cache,
                 {bring_up("n150"), "--model", demo_checkpoint(), "--prompt_file", entry.path().string(),
                  "--max_new_tokens", std::to_string(kTokensPerPrompt), "--json", file}));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(file);
    add(totals, nlohmann::json::parse(stream));
  }
  std::printf("%d prompts, %d tokens: top-1 %d, top-5 %d, near-ties %d, entropy %.2f nat\n", totals.prompts,
              totals.tokens, totals.top1, totals.top5, totals.near_ties, totals.entropy / totals.tokens);
  EXPECT_GE(totals.prompts, 5);
  EXPECT_GE(totals.tokens, 500);
  EXPECT_EQ(totals.repeated_spans, 0);
  EXPECT_GT(totals.entropy / totals.tokens, 0.3);
  EXPECT_EQ(totals.clear_misses, 0);
  EXPECT_GE(totals.top1, 0.97 * totals.tokens);
  EXPECT_GE(totals.top5, 0.998 * totals.tokens);
}

}  // namespace
}  // namespace ttx::test
