// SPDX-License-Identifier: Apache-2.0
//
// Every MODEL_BRINGUP.md: its headings, what it says of mesh, heads, cap, dtypes and memory beside what the
// module does, and its evaluation command, run on a tiny random checkpoint of the model.
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "launch/config_lines.hpp"
#include "launch/plan_devices.hpp"
#include "launch/plan_table.hpp"
#include "models/common/model_module.hpp"
#include "models/hf/checkpoint.hpp"
#include "models/hf/config.hpp"
#include "runtime/device_profile.hpp"
#include "runtime/head_plan.hpp"
#include "tests/launch/run_eval_command.hpp"
#include "tests/models/family/bring_up_rows.hpp"
#include "tests/models/family/real_shape.hpp"

namespace ttx::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

std::string text_of(const fs::path& file) {
  std::ifstream stream(file);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::vector<std::string> headings(const fs::path& file) {
  std::vector<std::string> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (line.starts_with("## ")) {
      lines.push_back(line);
    }
  }
  return lines;
}

/// With every line break a space.
std::string flowing(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// The words of the first command below "## Evaluation", which may go over several lines.
std::vector<std::string> evaluation(const std::string& notes) {
  std::istringstream lines(notes.substr(notes.find("\n## Evaluation\n")));
  std::string command;
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("    ")) {
      continue;
    }
    const bool goes_on = line.ends_with('\\');
    command += line.substr(0, line.size() - (goes_on ? 1 : 0));
    if (!goes_on) {
      break;
    }
  }
  std::istringstream words(command);
  return {std::istream_iterator<std::string>(words), {}};
}

/// dtypes of embedding, attention, mlp, down and lm_head as the notes have them: one for all, or each.
std::vector<std::string> noted_types(const std::string& notes) {
  std::smatch found;
  if (std::regex_search(notes, found, std::regex("Weights: (\\w+)\\."))) {
    return std::vector<std::string>(5, found[1]);
  }
  if (std::regex_search(notes, found,
                        std::regex("Weights: embedding (\\w+), attention (\\w+), mlp (\\w+), down (\\w+), "
                                   "lm_head (\\w+)\\."))) {
    return {found.begin() + 1, found.end()};
  }
  return {};
}

/// The same as ttx-plan has them: of the first tensor of each kind, and of the last one, which is the head.
std::vector<std::string> planned_types(const std::string& plan) {
  std::vector<std::string> types(5);
  std::istringstream lines(plan);
  for (std::string line; std::getline(lines, line);) {
    std::smatch dtype;
    if (!std::regex_search(line, dtype, std::regex("BFLOAT16|BFLOAT8_B|BFLOAT4_B"))) {
      continue;
    }
    std::string name = dtype.str();
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const char* const kinds[] = {"embed_tokens.weight", ".o_proj.weight", "up_proj.weight",
                                 ".down_proj.weight"};
    for (std::size_t i = 0; i < std::size(kinds); ++i) {
      if (types[i].empty() && line.find(kinds[i]) != std::string::npos) {
        types[i] = name;
      }
    }
    types[4] = name;
  }
  return types;
}

class BringUpNotes : public testing::TestWithParam<Row> {
 protected:
  static void SetUpTestSuite() { folder_ = std::make_unique<TempDir>(); }
  static void TearDownTestSuite() { folder_.reset(); }

  void SetUp() override { text_ = text_of(GetParam().notes()); }

  fs::path module_file() const {
    return fs::path(TTX_BINARY_DIR) / "models" / GetParam().model / GetParam().system / "functional/model.so";
  }
  static std::string checkpoint() { return tiny_random_checkpoint(*folder_, GetParam().model); }

  static std::unique_ptr<TempDir> folder_;
  static std::map<std::string, std::string> metrics_;  // of ttx-run-eval, by model
  std::string text_;
};

std::unique_ptr<TempDir> BringUpNotes::folder_;
std::map<std::string, std::string> BringUpNotes::metrics_;

TEST_P(BringUpNotes, HaveTheHeadings) {
  EXPECT_TRUE(text_.starts_with("# " + GetParam().model + " on " + GetParam().system + "\n"));
  EXPECT_EQ(headings(GetParam().notes()), headings(TTX_SOURCE_DIR "/launch/new_model/MODEL_BRINGUP.md.in"));
}

TEST_P(BringUpNotes, SayTheSizesOfThePublishedModel) {
  if (!fs::exists(GetParam().shape())) {
    GTEST_SKIP() << "ttx-synth does not know " << GetParam().model;
  }
  const auto shape = nlohmann::json::parse(text_of(GetParam().shape()));
  const hf::Config config = hf::Config::parse(shape["config"].dump(), GetParam().shape().string());
  const std::string text = flowing(text_);
  // What is said of the model once, on the page of n150, holds for the other systems.
  const Row n150{GetParam().model, "n150"};
  const bool refers = text.find("As on n150 (`" + fs::relative(n150.notes(), TTX_SOURCE_DIR).string() +
                                "`); ") != std::string::npos;
  EXPECT_THAT(refers ? flowing(text_of(n150.notes())) : text,
              HasSubstr(fmt::format("{} decoder layers, hidden {}, {} query and {} KV heads of width {}, "
                                    "intermediate {}, vocabulary {}, {} embeddings.",
                                    config.num_hidden_layers, config.hidden_size, config.num_attention_heads,
                                    config.num_key_value_heads, config.head_dim, config.intermediate_size,
                                    config.vocab_size, config.tie_word_embeddings ? "tied" : "untied")));
  const LoadedModule module(module_file());
  const HeadPlan heads(config.num_attention_heads, config.num_key_value_heads,
                       ShardPlan(module->mesh_shape.devices()));
  EXPECT_THAT(text_, HasSubstr("\n" + heads.to_string() + ".\n"));
  const std::string cut = launch::mesh_lines(config, module->mesh_shape);
  const std::string key = "per_device: ";
  const std::size_t at = cut.find(key) + key.size();
  EXPECT_THAT(text, HasSubstr(cut.substr(at, cut.find('\n', at) - at)));
  EXPECT_THAT(text, AllOf(HasSubstr(fmt::format("`[32, {}, ", heads.kv_heads_per_device())),
                          HasSubstr(fmt::format(", {}]` bfloat16 per device and layer", config.head_dim))));
  EXPECT_THAT(text, HasSubstr(fmt::format("{} per forward call", 2 * config.num_hidden_layers)));
}

TEST_P(BringUpNotes, SayWhatTheModuleDecides) {
  if (!fs::exists(GetParam().shape())) {
    GTEST_SKIP() << "ttx-synth does not know " << GetParam().model;
  }
  const CommandResult plan =
      run({.arguments = {program("ttx-plan"), GetParam().notes().parent_path().string(), "--model",
                         checkpoint(), "--max_seq_len", "4096"},
           .environment = {},
           .folder = {}});
  ASSERT_EQ(plan.exit_code, 0) << plan.err;
  const std::string text = flowing(text_);
  std::smatch found;
  ASSERT_TRUE(std::regex_search(text, found, std::regex("the mesh (\\(\\d+, \\d+\\)), Linear topology")));
  EXPECT_THAT(plan.out, HasSubstr(" on " + found.str(1) + ": "));
  const bool capped = std::regex_search(text, found, std::regex("Cap: (\\d+) positions"));
  EXPECT_NE(capped, text.find("No cap: the cache is max_seq_len long") != std::string::npos);
  EXPECT_THAT(plan.out, HasSubstr("KV cache of " + (capped ? found.str(1) : "4096") + " positions\n"));
  EXPECT_EQ(planned_types(plan.out), noted_types(text)) << plan.out;
}

TEST_P(BringUpNotes, SayWhatTheFullestDeviceHolds) {
  if (!fs::exists(GetParam().shape())) {
    GTEST_SKIP() << "ttx-synth does not know " << GetParam().model;
  }
  const LoadedModule module(module_file());
  const std::int64_t dram = wormhole_profile(module->mesh_shape.devices()).dram_bytes;
  const std::vector<ModelPlan> devices = launch::plan_devices(
      *module, hf::Checkpoint::open(real_shape(*folder_, GetParam().model)), module->mesh_shape, {});
  const auto held = [](const ModelPlan& plan) { return launch::planned_bytes(plan.tensors); };
  const ModelPlan fullest =
      *std::max_element(devices.begin(), devices.end(),
                        [&](const ModelPlan& a, const ModelPlan& b) { return held(a) < held(b); });
  EXPECT_THAT(
      flowing(text_),
      AllOf(HasSubstr(
                fmt::format("Fullest device: {} of weights and {} of KV cache in the {} of ",
                            launch::bytes_text(launch::planned_bytes(fullest.tensors, MemoryUse::kWeights)),
                            launch::bytes_text(launch::planned_bytes(fullest.tensors, MemoryUse::kKvCache)),
                            launch::bytes_text(dram))),
            HasSubstr(fmt::format(", {:.1f} % (`ttx-plan`, max_seq_len 2048",
                                  100.0 * static_cast<double>(held(fullest)) / static_cast<double>(dram)))));
}

TEST_P(BringUpNotes, TheEvaluationCommandRuns) {
  if (!fs::exists(GetParam().shape())) {
    GTEST_SKIP() << "ttx-synth does not know " << GetParam().model;
  }
  std::vector<std::string> words = evaluation(text_);
  ASSERT_GE(words.size(), 3U);
  const auto value_of = [&](const std::string& flag) {
    const auto at = std::find(words.begin(), words.end(), flag);
    return at == words.end() || at + 1 == words.end() ? words.end() : at + 1;
  };
  ASSERT_NE(value_of("--model"), words.end());
  EXPECT_EQ(*value_of("--model"), GetParam().model);
  *value_of("--model") = checkpoint();
  ASSERT_NE(value_of("--max_new_tokens"), words.end());
  *value_of("--max_new_tokens") = "3";
  words.front() = program(words.front());
  // The tiny tokenizer makes more tokens of the prompt than the published one.
  words.insert(words.end(), {"--min_new_tokens", "3", "--max_cache_seq_len", "1024"});
  Command command{.arguments = words, .environment = plain_environment(), .folder = TTX_SOURCE_DIR};
  command.environment.insert(command.environment.end(),
                             {"TTX_CACHE=" + (*folder_ / "cache").string(),
                              "TMPDIR=" + folder_->path().string(), "TT_MESH_GRAPH_DESC_PATH",
                              "TT_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICES", "TT_METAL_VISIBLE_DEVICE"});
  const CommandResult result = run(command);
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(
      result.out,
      HasSubstr("Loading model module: " + (GetParam().notes().parent_path() / "model.cpp").string() + "\n"));
  EXPECT_THAT(result.out, HasSubstr("Running teacher-forcing eval (3 tokens)...\n"));
  EXPECT_THAT(result.out, HasSubstr("Top-5 accuracy: "));
}

TEST_P(BringUpNotes, TheRunEvalCommandRunsAndEverySystemAgrees) {
  if (!fs::exists(GetParam().shape())) {
    GTEST_SKIP() << "ttx-synth does not know " << GetParam().model;
  }
  const std::string line =
      "ttx-run-eval --mode tt --hf-model " + GetParam().model + " --system " + GetParam().system;
  ASSERT_THAT(text_, HasSubstr("\n    " + line + "\n"));
  std::istringstream words(line);
  std::vector<std::string> arguments{std::next(std::istream_iterator<std::string>(words)), {}};
  arguments.insert(arguments.end(), {"--checkpoint", checkpoint(), "--decode-len", "6"});
  const CommandResult result = run(run_eval(*folder_, arguments));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("YT_METRICS={\"mode\": \"tt\", "));
  EXPECT_THAT(result.out, testing::EndsWith("\"total\": 6}\n"));
  EXPECT_EQ(metrics_.try_emplace(GetParam().model, result.out).first->second, result.out);
}

INSTANTIATE_TEST_SUITE_P(Rows, BringUpNotes, testing::ValuesIn(bring_up_rows()),
                         [](const auto& row) { return test_name(row.param); });

}  // namespace
}  // namespace ttx::test
