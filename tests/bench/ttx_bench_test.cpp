// SPDX-License-Identifier: Apache-2.0
//
// ttx-bench on one rank and on two: what it writes and what it refuses. Its figures are not looked at.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/eval_command.hpp"

namespace ttx::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class TtxBench : public testing::Test {
 protected:
  /// A short run of the tiny checkpoint.
  CommandResult bench(int ranks, const std::string& system, const std::vector<std::string>& more) {
    std::vector<std::string> arguments{
        bring_up(system),    "--model", tiny_checkpoint(), "--rounds", "2", "--steps", "2",
        "--probe_megabytes", "1",       "--threads",       "1"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Command command = eval(ranks, cache_, arguments);
    for (std::string& word : command.arguments) {
      if (word == program("ttx-eval")) {
        word = program("ttx-bench");
      }
    }
    command.environment.insert(command.environment.end(), {"TTX_THREADS", "TTX_CCL"});
    return run(command);
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(cache_ / name);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  std::string path(const std::string& name) const { return (cache_ / name).string(); }
  void refuses(const std::vector<std::string>& more, int code, const std::string& sentence) {
    const CommandResult result = bench(0, "n150", more);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_THAT(result.err, HasSubstr(sentence));
    EXPECT_EQ(count(result.err, "\n"), 1U) << result.err;
    EXPECT_EQ(result.out, "");
  }

  TempDir cache_;
};

TEST_F(TtxBench, MeasuresOneProcess) {
  const CommandResult result = bench(0, "n150",
                                     {"--prefill", "3,40", "--decode", "0,70", "--load_rounds", "1", "--json",
                                      path("b.json"), "--plot", path("b.svg")});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("1 rank of 1 thread, --ccl mpi"), HasSubstr("page cache"),
                                HasSubstr("\nprefill      3 "), HasSubstr("\nprefill     40 "),
                                HasSubstr("\ndecode       0 "), HasSubstr("\ndecode      70 "),
                                HasSubstr("memory, GB: ")));
  const auto json = nlohmann::json::parse(read("b.json"), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["ranks"], 1);
  EXPECT_EQ(json["probe_threads"], 1);
  EXPECT_EQ(json["load"]["cold"].size(), 1U);
  EXPECT_EQ(json["load"]["kept"].size(), 1U);
  EXPECT_EQ(json["load"]["warm"].size(), 1U);
  EXPECT_GE(json["load"]["ready"], json["load"]["first"].get<double>() - 0.01);  // of a clock of hundredths
  ASSERT_EQ(json["prefill"].size(), 2U);
  ASSERT_EQ(json["decode"].size(), 2U);
  EXPECT_EQ(json["prefill"][1]["tokens"], 40);
  EXPECT_EQ(json["decode"][1]["position"], 70);
  EXPECT_TRUE(json["decode"][1]["collectives"].is_null());
  for (const char* key : {"tokens_per_s", "ms_per_token", "gb_per_s", "gflop_per_s", "probe_gb_per_s",
                          "probe_gflop_per_s", "read_share", "peak_share", "share"}) {
    const auto& spread = json["decode"][0][key];
    EXPECT_GT(spread["median"], 0.0) << key;
    EXPECT_LE(spread["low"], spread["median"]) << key;
    EXPECT_GE(spread["high"], spread["median"]) << key;
  }
  EXPECT_EQ(json["decode"][0]["seconds"].size(), 2U);
  EXPECT_EQ(json["memory"]["ranks"].size(), 1U);
  EXPECT_THAT(read("b.svg"), AllOf(testing::StartsWith("<svg "), HasSubstr(">decode at 70<"),
                                   testing::EndsWith("</svg>\n")));
}

TEST_F(TtxBench, MeasuresTwoRanksOnBothTransports) {
  for (const std::string transport : {"mpi", "shm"}) {
    const CommandResult result = bench(2, "n300",
                                       {"--prefill", "5", "--decode", "9", "--load_rounds", "0", "--ccl",
                                        transport, "--json", path("b.json")});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    EXPECT_THAT(result.out,
                AllOf(HasSubstr("2 ranks of 1 thread, --ccl " + transport), HasSubstr("ccl, ms")));
    EXPECT_EQ(count(result.out, "memory, GB: "), 1U);
    const auto json = nlohmann::json::parse(read("b.json"), nullptr, false);
    ASSERT_TRUE(json.is_object());
    EXPECT_EQ(json["ranks"], 2);
    EXPECT_EQ(json["load"]["cold"].size(), 0U);
    for (const auto& row : {json["prefill"][0], json["decode"][0]}) {
      EXPECT_EQ(row["collectives"]["local_seconds"].size(), 2U);
      EXPECT_TRUE(row["collectives"]["share"].is_number());
    }
    EXPECT_EQ(json["memory"]["ranks"].size(), 2U);
  }
}

TEST_F(TtxBench, LeavesOutWhatTheCacheCannotHold) {
  const CommandResult result = bench(0, "n150", {"--load_rounds", "0", "--max_cache_seq_len", "130"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("prefill    128"), HasSubstr("decode     128"),
                                testing::Not(HasSubstr(" 512 "))));
  EXPECT_THAT(result.err, HasSubstr("--decode 1024 is left out: the cache has 130 positions"));
}

TEST_F(TtxBench, RefusesInASentence) {
  refuses({"--prefill", "12,"}, 2, "[arguments] --prefill: got \"12,\", expected numbers");
  refuses({"--prefill", "0"}, 2, "[arguments] --prefill: got \"0\"");
  refuses({"--decode=-1"}, 2, "[arguments] --decode: got \"-1\"");
  refuses({"--rounds", "0"}, 2, "--rounds");
  refuses({"--json", path("x"), "--plot", path("x")}, 2, "name the same file");
  refuses({"--json", "/nowhere/b.json"}, 1, "/nowhere");
  refuses({"--mesh", "1x2"}, 3, "the model wants a (1, 2) mesh");
  refuses({"--prefill", "5", "--decode", "140", "--max_cache_seq_len", "130"}, 5,
          "[bench] --decode 140 does not fit the cache: got 142 positions, expected at most 130");
  refuses({"--isa", "mmx"}, 2, "mmx");
  refuses({"--model", "/nothing"}, 2, "--model");
}

}  // namespace
}  // namespace ttx::test
