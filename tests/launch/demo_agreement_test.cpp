// SPDX-License-Identifier: Apache-2.0
//
// The device path against the fp32 reference, on the trained demo checkpoints.
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

constexpr int kTokensPerPrompt = 100;
constexpr std::size_t kSpan = 20;
constexpr std::array kPrompts = {"demo_animals", "demo_counting", "demo_dialogue", "demo_diary",
                                 "demo_recipe"};

/// What is asked of a bring-up by the format of its weights.
struct Bars {
  int noise;  // in bfloat16 steps of the best logit; a choice whose margin is wider must be the reference's
  double top1;
  double top5;
};

// Of the distance between the best logit and one of the next four, rounding takes up to 2.9 bfloat16 steps of
// the best logit when only activations are rounded, the weights of the files being bfloat16, and up to 3.9
// with bfloat8_b weights too (launch/demo/README.md, "margin lost"). A bfloat8_b weight has 7 significant
// bits where bfloat16 has 8, so the bound there is the same four steps, twice as wide.
constexpr Bars kBfloat16{.noise = 4, .top1 = 0.97, .top5 = 0.998};
constexpr Bars kBfloat8b{.noise = 8, .top1 = 0.95, .top5 = 0.995};

struct Demo {
  const char* checkpoint;  // a folder of launch/demo
  const char* model;       // whose bring-up runs it
  Bars bars;
};

std::ostream& operator<<(std::ostream& out, const Demo& demo) { return out << demo.checkpoint; }

constexpr std::array kDemos = {
    Demo{"checkpoint", "Qwen/Qwen3-0.6B", kBfloat16},
    Demo{"llama", "meta-llama/Llama-3.2-1B", kBfloat16},
    Demo{"phi3", "microsoft/Phi-3-mini-128k-instruct", kBfloat16},
    Demo{"mistral", "mistralai/Mistral-7B-Instruct-v0.3", kBfloat8b},
    Demo{"qwen2", "arcee-ai/Arcee-Spark", kBfloat8b},
};

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

void add(Totals& totals, const nlohmann::json& json, int noise) {
  const std::vector<int> tokens = json["tokens"];
  const std::vector<int> hits = json["hits"];
  const std::vector<double> margins = json["reference"]["margins"];
  const std::vector<double> tops = json["reference"]["top_logits"];
  const std::vector<double> entropies = json["reference"]["entropies"];
  ASSERT_EQ(tokens.size(), hits.size());
  ASSERT_EQ(tokens.size(), margins.size());
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool near_tie = margins[i] <= noise * bfloat16_step(tops[i]);
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

class DemoAgreement : public testing::TestWithParam<Demo> {};

TEST_P(DemoAgreement, TheDevicePathMakesTheReferencesChoices) {
  const Demo& demo = GetParam();
  const TempDir cache;
  Totals totals;
  for (const char* prompt : kPrompts) {
    const std::string file = (cache / "results.json").string();
    const CommandResult result =
        run(eval(0, cache,
                 {bring_up("n150", demo.model), "--model", demo_checkpoint(demo.checkpoint), "--prompt_file",
                  std::string(TTX_SOURCE_DIR) + "/launch/prompts/" + prompt + ".txt", "--max_new_tokens",
                  std::to_string(kTokensPerPrompt), "--json", file}));
    ASSERT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(file);
    add(totals, nlohmann::json::parse(stream), demo.bars.noise);
  }
  std::printf("%s: %d prompts, %d tokens: top-1 %d, top-5 %d, near-ties %d, entropy %.2f nat\n",
              demo.checkpoint, totals.prompts, totals.tokens, totals.top1, totals.top5, totals.near_ties,
              totals.entropy / totals.tokens);
  EXPECT_EQ(totals.tokens, kTokensPerPrompt * totals.prompts);
  EXPECT_EQ(totals.repeated_spans, 0);
  EXPECT_GT(totals.entropy / totals.tokens, 0.3);
  EXPECT_EQ(totals.clear_misses, 0);
  EXPECT_GE(totals.top1, demo.bars.top1 * totals.tokens);
  EXPECT_GE(totals.top5, demo.bars.top5 * totals.tokens);
}

INSTANTIATE_TEST_SUITE_P(Checkpoints, DemoAgreement, testing::ValuesIn(kDemos),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace ttx::test
