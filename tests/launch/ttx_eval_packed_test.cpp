// SPDX-License-Identifier: Apache-2.0
//
// Packed weights between runs of the programs: made once, used by every mesh, and whatever is wrong with them
// changes no result. And the memory table, with and without them.
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/launch/launch_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;

/// 220 MB of bfloat16, of which 110 MB of block floats are made.
class TtxEvalPacked : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder = new TempDir;
    const std::string config =
        folder
            ->write("config.json",
                    R"({"model_type": "mistral", "hidden_size": 1024, "num_attention_heads": 16,
          "num_key_value_heads": 8, "head_dim": 64, "intermediate_size": 3072, "num_hidden_layers": 8,
          "vocab_size": 4096})")
            .string();
    const CommandResult made = run(
        {.arguments = {program("ttx-synth"), "--config", config, "--output", (*folder / "model").string()},
         .environment = {},
         .folder = {}});
    ASSERT_EQ(made.exit_code, 0) << made.err;
    folder->write("ids.json", "[1, 2, 3, 4, 5]");
  }
  static void TearDownTestSuite() {
    delete folder;
    folder = nullptr;
  }

  struct Run {
    CommandResult result;
    nlohmann::json json;
    std::string hash() const { return json.value("logits_sha256", ""); }
  };
  /// `name` is that of its JSON file.
  Run evaluate(const std::string& system, const std::vector<std::string>& more = {},
               const std::vector<std::string>& environment = {}, const std::string& name = "results") const {
    const std::string file = (own / (name + ".json")).string();
    std::vector<std::string> arguments{"ttx-eval",
                                       bring_up(system, "mistralai/Mistral-7B-Instruct-v0.3"),
                                       "--model",
                                       (*folder / "model").string(),
                                       "--prompt_ids_file",
                                       (*folder / "ids.json").string(),
                                       "--max_new_tokens",
                                       "3",
                                       "--json",
                                       file};
    arguments.insert(arguments.end(), more.begin(), more.end());
    Command command = launch(own, arguments);
    command.environment.insert(command.environment.end(), environment.begin(), environment.end());
    Run done{test::run(command), {}};
    EXPECT_EQ(done.result.exit_code, 0) << done.result.err;
    std::ifstream stream(file);
    done.json = nlohmann::json::parse(stream, nullptr, false);
    return done;
  }
  std::vector<fs::path> kept() const {
    std::vector<fs::path> all;
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(own / "cache" / "weights", none)) {
      all.push_back(entry.path());
    }
    return all;
  }

  static TempDir* folder;
  TempDir own;
};

TempDir* TtxEvalPacked::folder = nullptr;

TEST_F(TtxEvalPacked, OneFileServesEveryMesh) {
  const Run without = evaluate("n150", {"--no_cache"});
  EXPECT_FALSE(fs::exists(own / "cache")) << "nothing is kept";
  EXPECT_EQ(without.result.err.find("packing"), std::string::npos);
  const Run first = evaluate("t3000");
  EXPECT_THAT(first.result.err, HasSubstr("packing"));
  ASSERT_EQ(kept().size(), 1U);
  const fs::path file = kept().front();
  const auto made = fs::last_write_time(file);
  EXPECT_EQ(first.hash(), without.hash());
  for (const char* system : {"t3000", "n300", "n150"}) {
    const Run later = evaluate(system);
    EXPECT_THAT(later.result.err, Not(HasSubstr("packing")));
    EXPECT_THAT(later.result.err, Not(HasSubstr("warning")));
    EXPECT_EQ(later.hash(), without.hash()) << system;
    EXPECT_EQ(kept(), std::vector<fs::path>{file});
  }
  EXPECT_GT(fs::last_write_time(file), made) << "a file that is used is not the first to go";
}

TEST_F(TtxEvalPacked, TwoJobsAtOnce) {
  std::vector<Run> runs(2);
  std::vector<std::thread> jobs;
  jobs.reserve(runs.size());
  for (std::size_t i = 0; i < runs.size(); ++i) {
    jobs.emplace_back([&, i] { runs[i] = evaluate("n300", {}, {}, "job" + std::to_string(i)); });
  }
  for (std::thread& job : jobs) {
    job.join();
  }
  EXPECT_EQ(runs[0].hash(), runs[1].hash());
  EXPECT_EQ(kept().size(), 1U);
  EXPECT_EQ(evaluate("n150").hash(), runs[0].hash());
}

TEST_F(TtxEvalPacked, AFileThatWasCutIsMadeAgain) {
  const std::string expected = evaluate("n150").hash();
  ASSERT_EQ(kept().size(), 1U);
  const auto whole = fs::file_size(kept().front());
  fs::resize_file(kept().front(), whole / 2);
  const Run again = evaluate("n300");
  EXPECT_EQ(count(again.result.err, "made again"), 1U) << again.result.err;
  EXPECT_EQ(again.hash(), expected);
  EXPECT_EQ(fs::file_size(kept().front()), whole);
  EXPECT_THAT(evaluate("n300").result.err, Not(HasSubstr("warning")));
}

TEST_F(TtxEvalPacked, WhereNothingCanBeKeptItGoesOn) {
  const std::string expected = evaluate("n300", {"--no_cache"}).hash();
  const Run small = evaluate("n300", {}, {"TTX_CACHE_GB=0.01"});
  EXPECT_EQ(count(small.result.err, "packed weights are not kept"), 1U) << small.result.err;
  EXPECT_EQ(small.hash(), expected);
  const Run none = evaluate("n300", {}, {"TTX_CACHE_GB=0"});
  EXPECT_THAT(none.result.err, Not(HasSubstr("packed")));
  EXPECT_EQ(none.hash(), expected);
  const Run read_only = evaluate("n300", {}, {"TTX_CACHE=/proc/ttx-cache"});
  EXPECT_EQ(count(read_only.result.err, "packed weights are not kept"), 1U) << read_only.result.err;
  EXPECT_EQ(read_only.hash(), expected);
  EXPECT_TRUE(kept().empty());
}

/// Every row and the sum of rows: what the parts add up to is what the kernel says.
void expect_parts_that_add_up(const std::string& out, std::size_t devices) {
  std::istringstream lines(out.substr(std::min(out.find("Memory of every device"), out.size())));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  EXPECT_THAT(line, HasSubstr("kernel says"));
  std::size_t rows = 0;
  while (std::getline(lines, line) && !line.empty()) {
    std::istringstream words(line);
    std::string device;
    words >> device;
    const std::vector<double> cells{std::istream_iterator<double>(words), {}};
    ASSERT_EQ(cells.size(), 10U) << line;
    double sum = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      EXPECT_GE(cells[i], 0.0) << line;
      sum += cells[i];
    }
    EXPECT_NEAR(sum, cells[8], 0.1) << line;
    EXPECT_NEAR(cells[8], cells[9], 0.05 * cells[9]) << line;
    ++rows;
  }
  EXPECT_EQ(rows, devices + 1) << out;
}

TEST_F(TtxEvalPacked, TheMemoryTableAddsUp) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "SKIPPED: the sanitizer's own memory counts here";
#endif
  for (const auto& [system, devices] : {std::pair{"n150", 1U}, {"t3000", 8U}}) {
    for (const bool keeps : {false, true, true}) {
      std::vector<std::string> flags{"--memory"};
      if (!keeps) {
        flags.emplace_back("--no_cache");
      }
      const Run run = evaluate(system, flags);
      expect_parts_that_add_up(run.result.out, devices);
      std::int64_t weights = 0;
      for (const auto& device : run.json["memory"]["devices"]) {
        weights += device["parts"]["weights"].get<std::int64_t>();
      }
      // Packed once for all devices, whether in memory or in the file.
      EXPECT_NEAR(static_cast<double>(weights), 110e6, 11e6) << system;
    }
  }
}

}  // namespace
}  // namespace ttx::test
