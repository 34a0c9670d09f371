// SPDX-License-Identifier: Apache-2.0
//
// Starts ttx-run-eval as its users do: what it prints, and what its errors say.
#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/run_eval_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Runs it, must succeed in silence; its lines.
std::vector<std::string> lines_of(const Command& command) {
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.err;
  EXPECT_EQ(result.err, "");
  std::vector<std::string> lines;
  std::string rest = result.out;
  for (std::size_t end = rest.find('\n'); end != std::string::npos; end = rest.find('\n')) {
    lines.push_back(rest.substr(0, end));
    rest.erase(0, end + 1);
  }
  EXPECT_EQ(rest, "");
  return lines;
}

nlohmann::json metrics(const std::string& line) {
  const std::string prefix = "YT_METRICS=";
  EXPECT_THAT(line, StartsWith(prefix));
  return nlohmann::json::parse(line.substr(prefix.size()));
}

class TtxRunEval : public testing::Test {
 protected:
  void refuses(const std::vector<std::string>& arguments, int code, const std::string& sentence) {
    const CommandResult result = run(run_eval(folder_, arguments));
    EXPECT_EQ(result.exit_code, code);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, AllOf(StartsWith("ttx-run-eval: error: "), HasSubstr(sentence)));
    EXPECT_EQ(count(result.err, "\n"), 1U) << result.err;
  }
  /// A hub cache whose Qwen/Qwen3-0.6B is the demo checkpoint.
  std::string hub_cache() {
    const std::string commit(40, 'a');
    const std::string repo = "hub/models--Qwen--Qwen3-0.6B/";
    folder_.write(repo + "refs/main", commit);
    fs::create_directories(folder_ / (repo + "snapshots"));
    fs::create_directory_symlink(demo_checkpoint(), folder_ / (repo + "snapshots/" + commit));
    return (folder_ / "hub").string();
  }

  TempDir folder_;
};

TEST_F(TtxRunEval, TheReferenceAgreesWithItself) {
  const auto lines =
      lines_of(run_eval(folder_, demo_run_eval("hf", {"--prefill-len", "8", "--decode-len=4"})));
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_EQ(lines[0], R"(YT_METRICS={"mode": "hf", "trace": false, "top1": 1.0, "top5": 1.0, )"
                      R"("prefill_len": 8, "decode_len": 4, "batch": 1, "total": 4})");
  // Token by token, of a folder, with tokens from the cache.
  EXPECT_EQ(lines_of(run_eval(folder_, {"--mode", "hf", "--hf-model", demo_checkpoint(), "--prefill-len", "8",
                                        "--decode-len", "4", "--prefill-decode", "--max-seq-len", "12"})),
            lines);
}

TEST_F(TtxRunEval, NothingIsLoadedForNoTokens) {
  fs::copy(demo_checkpoint(), folder_ / "broken");
  fs::remove(folder_ / "broken/model.safetensors");
  EXPECT_EQ(lines_of(run_eval(
                folder_, {"--mode", "hf", "--hf-model", (folder_ / "broken").string(), "--decode-len", "0"})),
            std::vector<std::string>{
                R"(YT_METRICS={"mode": "hf", "trace": false, "top1": 0.0, "top5": 0.0, "prefill_len": 20, )"
                R"("decode_len": 0, "batch": 1, "total": 0})"});
}

TEST_F(TtxRunEval, TakesTheYarnFactorOfTheLengths) {
  const std::string checkpoint = (folder_ / "afm").string();
  ASSERT_EQ(run({.arguments = {program("ttx-synth"), "--model", "arcee-ai/AFM-4.5B", "--tiny", "--output",
                               checkpoint},
                 .environment = {},
                 .folder = {}})
                .exit_code,
            0);
  const auto kept_tokens = [&] {
    const fs::recursive_directory_iterator files(folder_ / "cache");
    return std::count_if(begin(files), end(files), [](const auto& entry) { return entry.is_regular_file(); });
  };
  std::ptrdiff_t kept = 0;
  for (const char* const factor : {"file", "length_ratio"}) {
    for (const char* const mode : {"hf", "tt"}) {
      SCOPED_TRACE(std::string(factor) + " " + mode);
      const auto lines =
          lines_of(run_eval(folder_, {"--mode", mode, "--hf-model", "arcee-ai/AFM-4.5B", "--checkpoint",
                                      checkpoint, "--decode-len", "4", "--yarn-factor", factor}));
      ASSERT_EQ(lines.size(), 1U);
      EXPECT_EQ(metrics(lines[0]).at("total"), 4);
      // The bring-up is scored with the tokens of the same factor, the other factor's are others.
      kept += std::string(mode) == "hf" ? 1 : 0;
      EXPECT_EQ(kept_tokens(), kept);
    }
  }
  refuses(demo_run_eval("hf", {"--yarn-factor", "length_ratio"}), 2,
          "yarn factor by length ratio: got a model of rope type \"default\"");
}

TEST_F(TtxRunEval, EverySystemGivesTheSameAgreement) {
  // An n150 is one process, a T3000 eight ranks.
  std::vector<std::string> first;
  for (const char* const system : {"n150", "n300", "t3000"}) {
    SCOPED_TRACE(system);
    const auto lines =
        lines_of(run_eval(folder_, demo_run_eval("tt", {"--system", system, "--decode-len", "30"})));
    ASSERT_EQ(lines.size(), 1U);
    const nlohmann::json values = metrics(lines[0]);
    EXPECT_GE(values.at("top1").get<double>(), 0.9);
    EXPECT_EQ(values.at("top5").get<double>(), 1.0);
    EXPECT_EQ(values.at("total"), 30);
    EXPECT_FALSE(values.contains("max_seq_len"));
    first = first.empty() ? lines : first;
    EXPECT_EQ(lines, first);
  }
  Command command = run_eval(folder_, demo_run_eval("tt", {"--decode-len", "30"}));
  command.environment.emplace_back("YT_SYSTEM=t3000");
  EXPECT_EQ(lines_of(command), first);
}

TEST_F(TtxRunEval, AModelOfTheHubCacheNeedsItsIdAlone) {
  const std::string cache = hub_cache();
  for (const char* const mode : {"hf", "tt"}) {
    const auto lines = lines_of(run_eval(folder_, {"--mode", mode, "--hf-model", "Qwen/Qwen3-0.6B",
                                                   "--cache-dir", cache, "--decode-len", "3"}));
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(metrics(lines[0]).at("mode"), mode);
  }
}

TEST_F(TtxRunEval, PromptsAbove512AndRangesGiveALineEach) {
  const auto lines =
      lines_of(run_eval(folder_, demo_run_eval("tt", {"--prefill-len-range", "511:513:1", "--decode-len", "3",
                                                      "--max-seq-len", "4096", "--trace", "1"})));
  ASSERT_EQ(lines.size(), 3U);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const nlohmann::json values = metrics(lines[i]);
    EXPECT_EQ(values.at("prefill_len"), 511 + i);
    EXPECT_EQ(values.at("max_seq_len"), 4096);
    EXPECT_EQ(values.at("trace"), true);
  }
  const auto lengths = lines_of(
      run_eval(folder_, demo_run_eval("tt", {"--max-seq-len-range", "2048:3000:500", "--decode-len", "3"})));
  ASSERT_EQ(lengths.size(), 2U);
  EXPECT_EQ(metrics(lengths[0]).at("max_seq_len"), 2048);
  EXPECT_EQ(metrics(lengths[1]).at("max_seq_len"), 2548);
}

TEST_F(TtxRunEval, AFailingChildIsEchoedAndItsCodeReturned) {
  fs::copy(demo_checkpoint(), folder_ / "broken");
  fs::resize_file(folder_ / "broken/model.safetensors", 1000);
  const CommandResult result = run(run_eval(folder_, {"--mode", "tt", "--hf-model", "Qwen/Qwen3-0.6B",
                                                      "--checkpoint", (folder_ / "broken").string()}));
  EXPECT_EQ(result.exit_code, 4);
  EXPECT_THAT(result.out, StartsWith("Loading model module: "));
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("ttx-eval: error: [safetensors]"),
                    HasSubstr("\nttx-run-eval: error: [run-eval] ttx-eval failed with exit code 4")));
  EXPECT_EQ(count(result.err, "\n"), 2U) << result.err;

  const CommandResult none = run(run_eval(folder_, demo_run_eval("tt", {"--decode-len", "0"})));
  EXPECT_EQ(none.exit_code, 2);
  EXPECT_THAT(none.err, AllOf(HasSubstr("--max_new_tokens: got 0"), HasSubstr("exit code 2")));
  const CommandResult small = run(run_eval(folder_, demo_run_eval("tt", {"--max-seq-len", "100"})));
  EXPECT_EQ(small.exit_code, 1);
  EXPECT_THAT(small.err, HasSubstr("--max_seq_len 100 is too small"));
  EXPECT_EQ(small.out, "");
}

TEST_F(TtxRunEval, OnATerminalTheChildIsShownAsItRuns) {
  Command command = run_eval(folder_, demo_run_eval("tt", {"--decode-len", "3"}));
  std::string line;
  for (const std::string& word : command.arguments) {
    line += "'" + word + "' ";
  }
  command.arguments = {"script", "-qec", line + "> " + (folder_ / "out").string(), "/dev/null"};
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 0) << result.out;
  EXPECT_THAT(result.out, AllOf(StartsWith("Loading model module: "), HasSubstr("Top-1 accuracy: 100.00%"),
                                Not(HasSubstr("YT_METRICS"))));
}

TEST_F(TtxRunEval, MissingModelFilesSayWhereTheyWereLookedFor) {
  refuses(demo_run_eval("tt", {"--system", "p150"}), 1,
          "[model] Missing model file: models/Qwen/Qwen3-0.6B/p150/functional/model.cpp: looked in ");
  refuses(demo_run_eval("tt", {"--system", "p150"}), 1, "there is one for n150, n300, t3000");
  refuses({"--mode", "tt", "--hf-model", "acme/Fable", "--checkpoint", demo_checkpoint()}, 1,
          "Missing model file: models/acme/Fable/n150/functional/model.cpp");
  refuses({"--mode", "tt", "--hf-model", demo_checkpoint()}, 1,
          "is a folder; give the bring-up's Hugging Face id");
}

TEST_F(TtxRunEval, BringUpsAreFoundHereAndWhereTheEnvironmentSays) {
  const std::string place = "models/acme/Fable/n150/functional";
  fs::create_directories(folder_ / place);
  fs::copy_file(TTX_BINARY_DIR "/models/Qwen/Qwen3-0.6B/n150/functional/model.so",
                folder_ / (place + "/model.so"));
  Command command = run_eval(folder_, {"--mode", "tt", "--hf-model", "acme/Fable", "--checkpoint",
                                       demo_checkpoint(), "--decode-len", "2"});
  EXPECT_EQ(run(command).exit_code, 1);
  command.folder = folder_.path().string();
  EXPECT_EQ(lines_of(command).size(), 1U);
  command.folder = "/";
  command.environment.push_back("TTX_MODULE_PATH=" + (folder_ / "models").string());
  EXPECT_EQ(lines_of(command).size(), 1U);
}

TEST_F(TtxRunEval, WrongArgumentsAreRefusedBeforeAnythingIsLoaded) {
  refuses({"--mode", "tt", "--hf-model", "no/such", "--batch", "2"}, 2,
          "Only batch=1 is supported by the bringup eval");
  refuses({"--mode", "tt", "--hf-model", "no/such", "--max-seq-len", "39"}, 2,
          "--max-seq-len must be >= prefill_len + decode_len");
  refuses({"--mode", "hf", "--hf-model", "no/such", "--cache-dir", folder_.path().string()}, 4,
          "no/such is neither a folder nor in the Hugging Face cache");
}

TEST_F(TtxRunEval, RefusesMpirunOnce) {
  Command command = run_eval(folder_, demo_run_eval("tt"));
  command.arguments = mpirun(2, command.arguments).arguments;
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(count(result.err, "ttx-run-eval is one process, which starts the ranks itself"), 1U)
      << result.err;
}

TEST_F(TtxRunEval, TtxLaunchRefusesIt) {
  const CommandResult result = run(launch(folder_, {"ttx-run-eval", "--mode", "hf"}));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("ttx-run-eval is one process and needs no launcher"));
}

TEST_F(TtxRunEval, WorksWithoutAHomeThatCanBeWritten) {
  for (const char* const mode : {"hf", "tt"}) {
    Command command = run_eval(folder_, demo_run_eval(mode, {"--decode-len", "2", "--system", "n300"}));
    command.environment.insert(command.environment.end(),
                               {"TTX_CACHE", "TT_METAL_CACHE", "XDG_CACHE_HOME", "HOME=/proc/1"});
    const CommandResult result = run(command);
    EXPECT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out, StartsWith("YT_METRICS={"));
    EXPECT_EQ(count(result.out, "\n"), 1U);
  }
}

TEST_F(TtxRunEval, AnUnwritableTemporaryFolderIsNamed) {
  Command command = run_eval(folder_, demo_run_eval("tt"));
  command.environment.emplace_back("TMPDIR=/proc/1/nothing");
  const CommandResult result = run(command);
  EXPECT_EQ(result.exit_code, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("cannot make one in /proc/1/nothing"), HasSubstr("set TMPDIR")));
}

}  // namespace
}  // namespace ttx::test
