// SPDX-License-Identifier: Apache-2.0
//
// ttx-eval from the command line to its results, on one rank and on eight.
#include <cstdlib>
#include <fstream>
#include <future>
#include <signal.h>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "runtime/safetensors.hpp"
#include "runtime/sha256.hpp"
#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

using testing::HasSubstr;

class TtxEval : public testing::Test {
 protected:
  nlohmann::json results(int ranks, const std::string& system, std::vector<std::string> arguments) {
    const std::string file = (files_ / "results.json").string();
    arguments.insert(arguments.begin(), bring_up(system));
    arguments.insert(arguments.end(), {"--json", file});
    const CommandResult result = run(eval(ranks, cache_, arguments));
    EXPECT_EQ(result.exit_code, 0) << result.err;
    last_ = result;
    std::ifstream stream(file);
    return nlohmann::json::parse(stream, nullptr, false);
  }

  TempDir cache_;
  TempDir files_;
  CommandResult last_;
};

const std::vector<std::string> kInstructionSets{"generic", "avx2", "avx512", "avx512_bf16"};
const std::vector<std::string> kDemo{"--model",        demo_checkpoint(),  "--prompt_file",
                                     "demo_story.txt", "--max_new_tokens", "12"};

TEST_F(TtxEval, PrintsTheDocumentedLinesAndNothingElse) {
  results(8, "t3000", kDemo);
  const std::string expected = "Loading model module: " + bring_up("t3000") +
                               "\n"
                               "Loading HuggingFace tokenizer...\n"
                               "Loading HuggingFace reference model on CPU...\n"
                               "Generating reference tokens...\n"
                               "Using TT_MESH_GRAPH_DESC_PATH=" TTX_BINARY_DIR
                               "/share/ttx/mesh_graph_descriptors/t3k_mesh_graph_descriptor.textproto\n"
                               "Opening mesh device: (2, 4)...\n"
                               "Loading ttnn model...\n"
                               "  Loading embeddings...\n"
                               "  Computing RoPE cache...\n"
                               "  Loading 3 layers...\n"
                               "Running teacher-forcing eval (12 tokens)...\n";
  ASSERT_THAT(last_.out, testing::StartsWith(expected));
  EXPECT_THAT(
      last_.out.substr(expected.size()),
      testing::MatchesRegex("Top-1 accuracy: [0-9.]+% \\([01]\\.[0-9]{4}\\)\nTop-5 accuracy: [0-9.]+% "
                            "\\([01]\\.[0-9]{4}\\)\n"));
}

TEST_F(TtxEval, ResultsHaveTheirKeys) {
  const auto json = results(2, "n300", kDemo);
  EXPECT_EQ(json["total"], 12);
  EXPECT_EQ(json["tokens"].size(), 12U);
  EXPECT_EQ(json["hits"].size(), 12U);
  EXPECT_EQ(json["ranks"], 2);
  EXPECT_EQ(json["mesh"], nlohmann::json({1, 2}));
  EXPECT_EQ(json["devices"], nlohmann::json({0, 1}));
  EXPECT_EQ(json["system"]["mesh"], nlohmann::json({1, 2}));
  EXPECT_EQ(json["ccl"], "mpi");
  EXPECT_EQ(json["prefill_decode"], false);
  EXPECT_GT(json["prompt_tokens"].get<int>(), 1);
  EXPECT_EQ(json["logits_sha256"].get<std::string>().size(), 64U);
  const char* isa = std::getenv("TTX_ISA");
  EXPECT_THAT(json["isa"].get<std::string>(),
              testing::AnyOfArray(isa != nullptr ? std::vector<std::string>{isa} : kInstructionSets));
  for (const char* phase : {"reference", "load", "prefill", "decode", "total"}) {
    EXPECT_GT(json["seconds"][phase].get<double>(), 0.0) << phase;
  }
  EXPECT_EQ(json["memory"]["devices"].size(), 2U);
  EXPECT_TRUE(json["logits_pcc"].is_null());
  EXPECT_GT(json["memory"]["peak"].get<std::int64_t>(), json["memory"]["resident"].get<std::int64_t>());
  EXPECT_GT(json["memory"]["devices"][1]["weights"].get<std::int64_t>(), 1 << 20);
  int top1 = 0;
  int top5 = 0;
  for (const int place : json["hits"]) {
    top1 += place == 1 ? 1 : 0;
    top5 += place != 0 ? 1 : 0;
  }
  EXPECT_DOUBLE_EQ(json["top1"].get<double>(), top1 / 12.0);
  EXPECT_DOUBLE_EQ(json["top5"].get<double>(), top5 / 12.0);
}

TEST_F(TtxEval, AnyMeshAnyPathOneHash) {
  const auto hash = results(0, "n150", kDemo)["logits_sha256"];
  auto with = [](std::vector<std::string> more) {
    std::vector<std::string> all = kDemo;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  EXPECT_EQ(
      results(0, "t3000", with({"--mesh", "1x1", "--threads", "1", "--prefill_decode"}))["logits_sha256"],
      hash);
  EXPECT_EQ(results(4, "t3000", with({"--mesh", "4x1"}))["logits_sha256"], hash);
  EXPECT_EQ(results(8, "t3000", with({"--prefill_d"}))["logits_sha256"], hash);
  const auto window = results(8, "t3000", with({"--ccl", "shm"}));
  EXPECT_EQ(window["logits_sha256"], hash);
  EXPECT_EQ(window["ccl"], "shm");
}

TEST_F(TtxEval, TransportOfTheEnvironmentUnlessTheFlagSaysOtherwise) {
  std::vector<std::string> arguments = kDemo;
  arguments.insert(arguments.begin(), bring_up("n300"));
  const std::string file = (files_ / "results.json").string();
  arguments.insert(arguments.end(), {"--json", file});
  const auto ccl_of = [&](const std::vector<std::string>& more) {
    std::vector<std::string> all = arguments;
    all.insert(all.end(), more.begin(), more.end());
    Command command = eval(2, cache_, all);
    command.environment.push_back("TTX_CCL=shm");
    const CommandResult result = run(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    std::ifstream stream(file);
    return nlohmann::json::parse(stream, nullptr, false)["ccl"].get<std::string>();
  };
  EXPECT_EQ(ccl_of({}), "shm");
  EXPECT_EQ(ccl_of({"--ccl", "mpi"}), "mpi");
}

TEST_F(TtxEval, TheFlagChoosesTheInstructionSetNotTheVariable) {
  std::vector<std::string> arguments = kDemo;
  arguments.insert(arguments.end(), {"--isa", "generic", "--json", (files_ / "isa.json").string()});
  arguments.insert(arguments.begin(), bring_up("n150"));
  Command command = eval(0, cache_, arguments);
  command.environment.push_back("TTX_ISA=abacus");
  const CommandResult result = run(command);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(nlohmann::json::parse(std::ifstream(files_ / "isa.json"))["isa"], "generic");
}

TEST_F(TtxEval, LogitsFileHoldsWhatWasHashed) {
  const std::string file = (files_ / "logits.safetensors").string();
  std::vector<std::string> arguments = kDemo;
  arguments.insert(arguments.end(), {"--logits_out", file});
  const auto json = results(2, "n300", arguments);
  const auto logits = SafetensorsFile::open(file);
  EXPECT_EQ(logits.int64s("target_ids"), json["tokens"].get<std::vector<std::int64_t>>());
  EXPECT_EQ(logits.int64s("prompt_ids").size(), json["prompt_tokens"].get<std::size_t>());
  const HostTensor rows = logits.tensor("logits");
  EXPECT_EQ(rows.shape()[0], 12);
  EXPECT_EQ(Sha256().update(rows.bytes()).hex(), json["logits_sha256"]);
}

TEST_F(TtxEval, ReferenceFileDecidesPromptAndTokens) {
  const std::vector<std::string> arguments{"--model", tiny_checkpoint(), "--reference",
                                           tiny_checkpoint() + "/reference.safetensors"};
  EXPECT_EQ(results(0, "n150", arguments)["total"], 16);
  EXPECT_THAT(last_.out, testing::Not(HasSubstr("Generating")));
  std::vector<std::string> fewer = arguments;
  fewer.insert(fewer.end(), {"--max_new_tokens", "5"});
  const auto five = results(2, "n300", fewer);
  EXPECT_EQ(five["total"], 5);
  EXPECT_GT(five["logits_pcc"].get<double>(), 0.999);
  EXPECT_LT(five["logits_pcc"].get<double>(), 1.0);
  EXPECT_THAT(last_.err, HasSubstr("logits correlate with the reference's: PCC 0.999"));
  fewer.back() = "50";
  EXPECT_EQ(results(0, "n150", fewer)["total"], 16);
  EXPECT_THAT(
      last_.out,
      HasSubstr("Reference generation stopped early (requested 50, got 16). Evaluating available tokens.\n"));
}

TEST_F(TtxEval, TheBuiltInReferenceWritesTheSameFileFormat) {
  const std::string file = (files_ / "reference.safetensors").string();
  const CommandResult made =
      run({.arguments = {program("ttx-reference"), "--model", demo_checkpoint(), "--prompt_file",
                         "demo_story.txt", "--max_new_tokens", "12", "--hidden_states", "--output", file},
           .environment = {},
           .folder = {}});
  ASSERT_EQ(made.exit_code, 0) << made.err;
  const auto reference = SafetensorsFile::open(file);
  const auto positions = static_cast<std::int64_t>(reference.int64s("prompt_ids").size()) + 12 - 1;
  EXPECT_EQ(reference.tensor("hidden_states").shape(), (Shape{4, positions, 128}));
  EXPECT_EQ(reference.tensor("logits").shape(), (Shape{12, 1100}));
  const auto from_file = results(0, "n150", {"--model", demo_checkpoint(), "--reference", file});
  const auto built_in = results(0, "n150", kDemo);
  EXPECT_EQ(from_file["tokens"], built_in["tokens"]);
  EXPECT_EQ(from_file["logits_sha256"], built_in["logits_sha256"]);
  for (std::size_t i = 0; i < 12; ++i) {
    EXPECT_NEAR(from_file["reference"]["margins"][i].get<double>(),
                built_in["reference"]["margins"][i].get<double>(), 1e-4);
  }
}

TEST_F(TtxEval, HelpIsShownOnce) {
  const CommandResult result = run(eval(8, cache_, {"--help"}));
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_EQ(count(result.out, "--prefill_decode"), 1U);
  EXPECT_EQ(result.err, "");
}

TEST_F(TtxEval, AReadOnlyHomeIsEnough) {
  Command command = eval(0, cache_, kDemo);
  command.arguments.insert(command.arguments.begin() + 1, bring_up("n150"));
  command.environment = {"TTX_CACHE", "TT_METAL_CACHE", "XDG_CACHE_HOME", "HOME=/proc/1"};
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Top-1 accuracy"));
  EXPECT_THAT(result.err, HasSubstr("cache"));
}

class TtxEvalOver : public TtxEval, public testing::WithParamInterface<std::string> {};

/// mpirun ends the others and reports the signal; nothing may hang.
TEST_P(TtxEvalOver, AKilledRankEndsTheJob) {
  std::vector<std::string> arguments{
      bring_up("t3000"), "--model", demo_checkpoint(), "--max_new_tokens", "2000", "--ccl", GetParam()};
  Command command = eval(8, cache_, arguments);
  const std::string marker = "ttx-test-" + std::to_string(getpid());
  command.environment.push_back("TTX_TEST_MARKER=" + marker);
  command.timeout_seconds = 60;
  auto running = std::async(std::launch::async, [&] { return run(command); });
  // As soon as rank 5 is there it is killed: however fast the machine, the job has not ended by then.
  const CommandResult killed = run(
      {.arguments = {"sh", "-c",
                     "for try in $(seq 600); do for p in /proc/[0-9]*; do "
                     "if tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qx 'TTX_TEST_MARKER=" +
                         marker +
                         "' && tr '\\0' '\\n' < $p/environ 2>/dev/null | grep -qx 'OMPI_COMM_WORLD_RANK=5'; "
                         "then kill -9 ${p#/proc/} && exit 0; fi; done; sleep 0.05; done; exit 1"},
       .environment = {},
       .folder = {}});
  EXPECT_EQ(killed.exit_code, 0);
  const CommandResult result = running.get();
  EXPECT_FALSE(result.timed_out);
  EXPECT_EQ(result.exit_code, 137);
}

INSTANTIATE_TEST_SUITE_P(Transports, TtxEvalOver, testing::Values("mpi", "shm"),
                         [](const auto& transport) { return transport.param; });

}  // namespace
}  // namespace ttx::test
