// SPDX-License-Identifier: Apache-2.0
//
// Numbers of ranks that do not divide eight, whose sums have an order of their own: near the fp32 reference,
// and prefill and token by token give the same bits.
#include <fstream>
#include <ostream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/eval_command.hpp"
#include "tests/models/family/bring_up_rows.hpp"

namespace ttx::test {
namespace {

struct Cut {
  std::string model;
  std::string fixture;  // empty: a tiny random checkpoint, wide enough for 16 ranks
  int ranks;
};

void PrintTo(const Cut& cut, std::ostream* out) { *out << cut.model << " on " << cut.ranks << " ranks"; }

class OtherRanks : public testing::TestWithParam<Cut> {
 protected:
  static constexpr int kSecondsEach = 120;

  /// Checkpoint and reference of the cut.
  std::vector<std::string> checkpoint() {
    const Cut& cut = GetParam();
    if (!cut.fixture.empty()) {
      const std::string folder = std::string(TTX_FIXTURES) + "/" + cut.fixture;
      return {"--model", folder, "--reference", folder + "/reference.safetensors"};
    }
    const std::string folder = tiny_random_checkpoint(files_, cut.model);
    const std::string reference = (files_ / "reference.safetensors").string();
    const CommandResult made =
        run({.arguments = {program("ttx-reference"), "--model", folder, "--prompt",
                           "The old man rowed out alone before the sun was up.", "--max_new_tokens", "16",
                           "--min_new_tokens", "16", "--output", reference},
             .environment = {"TTX_CACHE=" + files_.path().string()},
             .folder = {}});
    EXPECT_EQ(made.exit_code, 0) << made.err;
    return {"--model", folder, "--reference", reference};
  }
  nlohmann::json evaluate(std::vector<std::string> arguments, const std::vector<std::string>& more) {
    const Cut& cut = GetParam();
    const std::string json = (files_ / "results.json").string();
    arguments.insert(arguments.begin(), bring_up("t3000", cut.model));
    arguments.insert(arguments.end(), {"--mesh", "1x" + std::to_string(cut.ranks), "--json", json});
    arguments.insert(arguments.end(), more.begin(), more.end());
    Command command = eval(cut.ranks, files_, arguments);
    command.timeout_seconds = kSecondsEach;
    const CommandResult result = run(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(json);
    return nlohmann::json::parse(stream);
  }

  TempDir files_;
};

TEST_P(OtherRanks, AreNearTheReferenceAndPrefillIsTokenByToken) {
  const Cut& cut = GetParam();
  const std::vector<std::string> arguments = checkpoint();
  const nlohmann::json whole = evaluate(arguments, {});
  EXPECT_EQ(whole["ranks"], cut.ranks);
  EXPECT_GE(whole["logits_pcc"].get<double>(), 0.999);
  EXPECT_EQ(evaluate(arguments, {"--prefill_decode"})["logits_sha256"], whole["logits_sha256"]);
}

INSTANTIATE_TEST_SUITE_P(Cuts, OtherRanks,
                         testing::Values(Cut{"meta-llama/Llama-3.2-1B", "llama-odd", 3},
                                         Cut{"meta-llama/Llama-3.2-1B", "llama-odd", 6},
                                         Cut{"meta-llama/Llama-3.2-1B", "", 16},
                                         Cut{"google/gemma-3-4b-it", "gemma3-text", 3},
                                         Cut{"google/gemma-3-4b-it", "gemma3-text", 6},
                                         Cut{"arcee-ai/AFM-4.5B", "", 16}),
                         [](const auto& cut) {
                           return test_name(Row{cut.param.model, std::to_string(cut.param.ranks)});
                         });

}  // namespace
}  // namespace ttx::test
