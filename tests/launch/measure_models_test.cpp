// SPDX-License-Identifier: Apache-2.0
//
// launch/measure-models: the table that it writes, and what it refuses.
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/launch/launch_command.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::_;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const fs::path kWork = fs::path(TTX_BINARY_DIR) / "measure/tiny/Qwen/Qwen3-0.6B";

class MeasureModels : public testing::Test {
 protected:
  ~MeasureModels() override { fs::remove_all(kWork); }

  CommandResult measure(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {TTX_SOURCE_DIR "/launch/measure-models", "--output", table_.string(),
                                         "--build", TTX_BINARY_DIR});
    Command command = launch(folder_, {});
    command.arguments = std::move(arguments);
    command.environment.insert(command.environment.end(),
                               {"TT_MESH_GRAPH_DESC_PATH", "TT_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICES",
                                "TT_METAL_VISIBLE_DEVICE"});
    return run(command);
  }
  void refuses(const std::vector<std::string>& arguments, int code, const std::string& sentence) {
    const CommandResult result = measure(arguments);
    EXPECT_EQ(result.exit_code, code) << result.err;
    EXPECT_THAT(result.err, HasSubstr(sentence));
  }
  std::string text() const {
    std::ifstream stream(table_);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  /// Cells of the table's rows, its head first.
  std::vector<std::vector<std::string>> rows() const {
    std::vector<std::vector<std::string>> all;
    std::istringstream lines(text());
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with("| ")) {
        continue;
      }
      std::vector<std::string>& cells = all.emplace_back();
      for (std::size_t begin = 2, end = 0; (end = line.find(" |", begin)) != std::string::npos;
           begin = end + 3) {
        cells.push_back(line.substr(begin, end - begin));
      }
    }
    return all;
  }

  TempDir folder_;
  fs::path table_ = folder_ / "MODELS.md";
};

TEST_F(MeasureModels, ARowForEachSystem) {
  const CommandResult result = measure({"--shape", "tiny", "--rows", "Qwen/*/n*"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  const auto table = rows();
  ASSERT_EQ(table.size(), 3U) << text();
  EXPECT_THAT(table[0], testing::Contains("logits PCC"));
  for (std::size_t i = 1; i < table.size(); ++i) {
    const std::vector<std::string>& row = table[i];
    ASSERT_EQ(row.size(), table[0].size());
    EXPECT_EQ(row[0], "Qwen/Qwen3-0.6B");
    EXPECT_EQ(row[1], i == 1 ? "n150" : "n300");
    EXPECT_EQ(row[2], "random, tiny");
    EXPECT_EQ(row[3], "140 + 17");
    EXPECT_EQ(row[4], "-");
    EXPECT_EQ(row[5], "-");
    EXPECT_EQ(row[6], "-");
    EXPECT_GT(std::stod(row[7]), 0.999);
    EXPECT_GT(std::stod(row[10]), std::stod(row[9]));
    EXPECT_GT(std::stod(row[12]), 0.0);
    EXPECT_GT(std::stod(row[13]), 0.0);
  }
  EXPECT_EQ(table[1][7], table[2][7]);  // the same bits on both
  EXPECT_GT(std::stod(table[1][8]), std::stod(table[2][8]));
  EXPECT_FALSE(fs::exists(kWork));
}

TEST_F(MeasureModels, ResumesAndKeeps) {
  ASSERT_EQ(measure({"--shape", "tiny", "--rows", "Qwen/*/n300", "--keep"}).exit_code, 0);
  EXPECT_TRUE(fs::exists(kWork / "checkpoint/config.json"));
  const auto made = fs::last_write_time(kWork / "reference.safetensors");
  const auto before = rows();
  const CommandResult result = measure({"--shape", "tiny", "--rows", "Qwen/*/n*", "--keep", "--resume"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr(" on n150: "), Not(HasSubstr(" on n300: "))));
  EXPECT_EQ(fs::last_write_time(kWork / "reference.safetensors"), made);
  const auto after = rows();
  ASSERT_EQ(after.size(), 3U);
  EXPECT_EQ(after[2], before[1]);
}

TEST_F(MeasureModels, TrainedCheckpointsAreScoredOnFivePrompts) {
  for (const auto& [model, system] : {std::pair{"Qwen", "t3000"}, std::pair{"mistralai", "n150"}}) {
    const CommandResult result = measure({"--shape", "demo", "--rows", std::string(model) + "/*/" + system});
    ASSERT_EQ(result.exit_code, 0) << result.err;
  }
  const auto table = rows();
  ASSERT_EQ(table.size(), 3U);
  EXPECT_THAT(table[0], ElementsAre("model", "system", "checkpoint", "prompt + scored", "top-1", "top-5",
                                    "clear misses", "logits PCC", _, _, _, _, _, _, _));
  EXPECT_EQ(table[1][2], "trained (launch/demo/checkpoint)");
  EXPECT_EQ(table[2][2], "trained (launch/demo/mistral)");
  for (std::size_t i = 1; i < table.size(); ++i) {
    EXPECT_EQ(table[i][3], "5 prompts, 500");
    EXPECT_GE(std::stod(table[i][4]), 99.0);
    EXPECT_EQ(table[i][5], "100.0 %");
    EXPECT_EQ(table[i][6], "0");
    EXPECT_GT(std::stod(table[i][7]), 0.999);
  }
}

TEST_F(MeasureModels, OneCommandMeasuresTrainedAndRealOnes) {
  ASSERT_EQ(measure({"--shape", "tiny", "--rows", "Qwen/*/n150"}).exit_code, 0);
  // As if the real shape, which takes too long here, had been measured.
  std::string measured = text();
  const std::string tiny = "| random, tiny |";
  measured.replace(measured.find(tiny), tiny.size(), "| random, real shape |");
  folder_.write("MODELS.md", measured);
  const CommandResult result = measure({"--rows", "Qwen/*/n150", "--resume"});
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr(": trained "), Not(HasSubstr(": random"))));
  const auto table = rows();
  ASSERT_EQ(table.size(), 3U);
  EXPECT_EQ(table[1][2], "trained (launch/demo/checkpoint)");
  EXPECT_EQ(table[2][2], "random, real shape");
  // A row that is measured again takes the place of the old one, and the others stay.
  ASSERT_EQ(measure({"--shape", "demo", "--rows", "Qwen/*/n150"}).exit_code, 0);
  EXPECT_EQ(rows().size(), 3U);
  EXPECT_EQ(rows()[2], table[2]);
}

TEST_F(MeasureModels, RefusesInASentence) {
  refuses({"--prefill_decode"}, 2, "measure-models: error: --prefill_decode: ");
  refuses({"--rows", "nobody/*"}, 2, "got --rows \"nobody/*\", expected a pattern");
  refuses({"--rows", "tiiuae/*", "--shape", "demo"}, 2, "--shape demo");
  refuses({"--shape", "huge"}, 2, "invalid choice: 'huge'");
  refuses({"--build", "/nothing"}, 1, "/nothing has no bin/ttx-eval; build first");
  EXPECT_FALSE(fs::exists(table_));
  folder_.write("MODELS.md", "Machine: another.\n\n| model |\n|---|\n| acme/Fable |\n");
  refuses({"--resume"}, 1, "is of another machine or another version");
  refuses({"--shape", "tiny"}, 1, "so its rows cannot be kept; measure all rows again");
}

}  // namespace
}  // namespace ttx::test
