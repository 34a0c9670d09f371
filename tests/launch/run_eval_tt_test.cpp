// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_tt.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx::launch {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;

std::vector<std::string> words(const RunEvalOptions& options, const EvalPoint& point) {
  return eval_command(options, point, "/bin/ttx-launch", "models/a/b/n150/functional/model.cpp", "/t/ids");
}

/// The value after a flag.
std::string after(const std::vector<std::string>& list, const std::string& flag) {
  const auto found = std::find(list.begin(), list.end(), flag);
  return found == list.end() || found + 1 == list.end() ? "" : *(found + 1);
}

TEST(RunEvalCommand, IsThatOfTheScript) {
  RunEvalOptions options;
  options.mode = EvalMode::kTt;
  options.hf_model = "a/b";
  EXPECT_THAT(
      words(options, {20, std::nullopt}),
      ElementsAre("/bin/ttx-launch", "ttx-eval", "models/a/b/n150/functional/model.cpp", "--model", "a/b",
                  "--prompt_ids_file", "/t/ids", "--max_new_tokens", "20", "--max_seq_len", "2048"));
  options.cache_dir = "/cache";
  options.checkpoint = "/weights";
  options.prefill_decode = true;
  const auto all = words(options, {20, std::nullopt});
  EXPECT_EQ(after(all, "--model"), "/weights");
  EXPECT_EQ(after(all, "--cache_dir"), "/cache");
  EXPECT_EQ(all.back(), "--prefill_decode");
  options.no_cache = true;
  EXPECT_EQ(words(options, {20, std::nullopt}).back(), "--no_cache");
}

TEST(RunEvalCommand, HandsTheYarnFactorOn) {
  RunEvalOptions options;
  EXPECT_THAT(words(options, {20, std::nullopt}), Not(Contains("--yarn_factor")));
  options.yarn_factor = hf::YarnFactor::kLengthRatio;
  EXPECT_EQ(after(words(options, {20, std::nullopt}), "--yarn_factor"), "length_ratio");
}

TEST(RunEvalCommand, LengthIsTheGreaterOf2048AndWhatIsNeeded) {
  RunEvalOptions options;
  options.decode_len = 48;
  EXPECT_EQ(after(words(options, {2000, std::nullopt}), "--max_seq_len"), "2048");
  EXPECT_EQ(after(words(options, {2001, std::nullopt}), "--max_seq_len"), "2049");
  EXPECT_EQ(after(words(options, {2001, 4096}), "--max_seq_len"), "4096");
  EXPECT_EQ(after(words(options, {1, 100}), "--max_seq_len"), "100");
}

TEST(RunEvalCommand, PromptsAbove512GoThroughTheDecodePath) {
  const RunEvalOptions options;
  EXPECT_THAT(words(options, {512, std::nullopt}), Not(Contains("--prefill_decode")));
  EXPECT_THAT(words(options, {513, std::nullopt}), Contains("--prefill_decode"));
}

TEST(ParseAccuracy, TakesTheLastLinesAndTheLastBrackets) {
  const Agreement agreement = parse_accuracy(
      "Opening mesh device: (2, 4)...\nTop-1 accuracy: 10.00% (0.1000)\n Top-1 accuracy: (0.7)\n"
      "Top-1 accuracy: 93.00% (x) (0.9300) of all\nTop-5 accuracy: 100.00% (1.0000)");
  EXPECT_EQ(agreement.top1, 0.93);
  EXPECT_EQ(agreement.top5, 1.0);
  EXPECT_EQ(agreement.total, 0);
}

TEST(ParseAccuracy, RefusesWhatHasNone) {
  const std::string top1 = "Top-1 accuracy: 93.00% (0.9300)\n";
  const std::string top5 = "Top-5 accuracy: 93.00% (0.9300)\n";
  for (const std::string& text :
       {std::string(), std::string("No tokens to evaluate.\n"), top5, top5 + "Top-1 accuracy: 93.00%\n",
        top5 + "Top-1 accuracy: )0.9300(\n", top5 + "Top-1 accuracy: (0.9 of 1)\n"}) {
    SCOPED_TRACE(text);
    test::expect_error(ExitCode::kFailure, {"[run-eval] Failed to parse ttx-eval output", "Top-1"},
                       [&] { parse_accuracy(text); });
  }
  test::expect_error(ExitCode::kFailure, {"Failed to parse ttx-eval output", "Top-5"},
                     [&] { parse_accuracy(top1); });
}

}  // namespace
}  // namespace ttx::launch
