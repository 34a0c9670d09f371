// SPDX-License-Identifier: Apache-2.0
#include "launch/run_eval_prompt.hpp"

#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::launch {
namespace {

namespace fs = std::filesystem;
using Ids = std::vector<std::int32_t>;

/// A folder with the tokenizer of a case of the fixture.
fs::path lay_out(const nlohmann::json& made, const test::TempDir& folder) {
  const fs::path source = fs::path(TTX_FIXTURES) / made.at("folder").get<std::string>();
  fs::copy_file(source / "tokenizer.json", folder / "tokenizer.json");
  if (made.at("config").is_null()) {
    fs::copy_file(source / "tokenizer_config.json", folder / "tokenizer_config.json");
  } else {
    folder.write("tokenizer_config.json", made.at("config").dump());
  }
  return folder.path();
}

TEST(RunEvalPrompt, IsThatOfTransformers) {
  std::ifstream file(TTX_FIXTURES "/tokenizers/run-eval-prompts.json");
  const auto fixture = nlohmann::json::parse(file);
  ASSERT_GE(fixture.at("cases").size(), 10U);
  for (const auto& [name, made] : fixture.at("cases").items()) {
    SCOPED_TRACE(name);
    const test::TempDir folder;
    const PromptMaker maker(lay_out(made, folder));
    for (const auto& [length, ids] : made.at("prompts").items()) {
      SCOPED_TRACE(length);
      const std::int64_t prefill_len = std::stoll(length);
      if (ids.is_null()) {
        test::expect_error(ExitCode::kUsage, {"prefill_len must exceed the number of special tokens"},
                           [&] { maker.prompt(prefill_len); });
      } else {
        EXPECT_EQ(maker.prompt(prefill_len), ids.get<Ids>());
      }
    }
  }
}

TEST(RunEvalPrompt, SeedHasNoSpecialTokens) {
  const Ids encoded{5, 1, 7, 1, 0};
  const auto special = [](std::int32_t id) { return id < 2; };
  EXPECT_EQ(prompt_seed(encoded, special, 10), (Ids{5, 7}));
  EXPECT_EQ(prompt_seed(
                encoded, [](std::int32_t) { return false; }, 10),
            encoded);
}

TEST(RunEvalPrompt, AnEmptySeedIsTheSmallestPlainId) {
  const auto special = [](std::int32_t id) { return id != 6 && id != 8; };
  EXPECT_EQ(prompt_seed(Ids{1, 2}, special, 10), Ids{6});
  EXPECT_EQ(prompt_seed(Ids{}, special, 7), Ids{6});
  test::expect_error(ExitCode::kUsage, {"Tokenizer has no non-special tokens", "all 6"}, [&] {
    prompt_seed(Ids{1, 2}, special, 6);
  });
}

TEST(RunEvalPrompt, BodyGoesAroundBetweenTheEnds) {
  const Ids seed{5, 7};
  const auto around = [](std::span<const std::int32_t> ids) {
    Ids all{1};
    all.insert(all.end(), ids.begin(), ids.end());
    all.push_back(2);
    return all;
  };
  EXPECT_EQ(build_prompt(seed, around, 3), (Ids{1, 5, 2}));
  EXPECT_EQ(build_prompt(seed, around, 7), (Ids{1, 5, 7, 5, 7, 5, 2}));
  test::expect_error(ExitCode::kUsage,
                     {"prefill_len must exceed the number of special tokens: got 2, expected more than 2"},
                     [&] { build_prompt(seed, around, 2); });
  test::expect_error(ExitCode::kUsage, {"prefill_len must be >= 1: got 0"},
                     [&] { build_prompt(seed, around, 0); });
  const auto forgets = [](std::span<const std::int32_t> ids) {
    return ids.empty() ? Ids{1} : Ids(ids.begin(), ids.end());
  };
  test::expect_error(ExitCode::kUsage,
                     {"Failed to build prompt ids with requested length: got 3, expected 4"},
                     [&] { build_prompt(seed, forgets, 4); });
}

TEST(RunEvalPrompt, WithoutATokenizerConfigNothingIsAround) {
  const test::TempDir folder;
  fs::copy_file(TTX_FIXTURES "/tokenizers/tiny-llama/tokenizer.json", folder / "tokenizer.json");
  EXPECT_EQ(PromptMaker(folder.path()).prompt(1).size(), 1U);
}

}  // namespace
}  // namespace ttx::launch
