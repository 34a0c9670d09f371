// SPDX-License-Identifier: Apache-2.0
// Greedy generation against transformers' generate() (tests/fixtures).
#include "models/reference/greedy.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "models/hf/checkpoint.hpp"
#include "runtime/error.hpp"
#include "tests/models/reference/fixture.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx::reference {
namespace {

using test::LibraryResult;

class GreedyFixture : public ::testing::TestWithParam<std::string> {};

TEST_P(GreedyFixture, SameTokensLogitsAndHiddenStates) {
  const LibraryResult library(GetParam());
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture(GetParam()));
  DecoderReference model(checkpoint, static_cast<std::int64_t>(library.fed().size()));
  const auto n = static_cast<std::int64_t>(library.targets.size());
  const GreedySettings settings{.max_new_tokens = n,
                                .min_new_tokens = n,
                                .eos_token_ids = checkpoint.generation_config().eos_token_ids};
  std::vector<std::int64_t> told;
  const GreedyResult result =
      generate_reference(model, library.prompt, settings, Keep::kLogitsAndHiddenStates,
                         [&](std::int64_t done, std::int64_t most) {
                           told.push_back(done);
                           EXPECT_EQ(most, n);
                         });
  const Reference& reference = result.reference;
  EXPECT_EQ(reference.prompt_ids, library.prompt);
  EXPECT_EQ(reference.target_ids, library.targets);
  EXPECT_EQ(reference.logits.shape(), (Shape{n, model.vocab_size()}));
  EXPECT_LE(test::worst_row_error(reference.logits.to_floats(), library.logits, model.vocab_size()), 1e-4);
  EXPECT_LE(
      test::worst_row_error(reference.hidden_states.to_floats(), library.hidden_states, model.hidden_size()),
      1e-4);
  EXPECT_EQ(reference.hidden_states.shape()[0], model.layers() + 1);
  EXPECT_EQ(reference.metadata.at("checkpoint_fingerprint"), checkpoint.fingerprint());
  EXPECT_NO_THROW(check(reference, "result"));
  EXPECT_EQ(told.size(), static_cast<std::size_t>(n));
  EXPECT_EQ(told.back(), n);

  const ReferenceTokens again = tokens_of(reference);
  EXPECT_EQ(result.tokens.target_ids, library.targets);
  EXPECT_EQ(result.tokens.margin, again.margin);
  EXPECT_EQ(result.tokens.entropy, again.entropy);
  const GreedyResult tokens_only = generate_reference(model, library.prompt, settings);
  EXPECT_EQ(tokens_only.tokens.target_ids, library.targets);
  EXPECT_EQ(tokens_only.reference.logits.shape().rank(), 0);
}

INSTANTIATE_TEST_SUITE_P(Fixtures, GreedyFixture, ::testing::Values("qwen3-odd-a", "qwen3-odd-b"),
                         [](const auto& name) { return name.param.substr(6, 3) + name.param.back(); });

TEST(Greedy, SettingsOfGenerate) {
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture("qwen3-odd-a"));
  std::ifstream file(test::fixture("qwen3-odd-a") / "generate.json");
  const nlohmann::json cases = nlohmann::json::parse(file);
  const auto prompt = cases.at("prompt_ids").get<std::vector<std::int32_t>>();
  DecoderReference model(checkpoint, 100);
  ASSERT_GE(cases.at("cases").size(), 5U);
  for (const nlohmann::json& one : cases.at("cases")) {
    const nlohmann::json& given = one.at("settings");
    const GreedySettings settings{
        .max_new_tokens = given.at("max_new_tokens"),
        .min_new_tokens = given.value("min_new_tokens", std::int64_t{0}),
        .eos_token_ids = given.value("eos_token_id", checkpoint.generation_config().eos_token_ids),
        .repetition_penalty = given.value("repetition_penalty", 1.0F)};
    const GreedyResult result = generate_reference(model, prompt, settings);
    EXPECT_EQ(result.tokens.target_ids, one.at("new_ids").get<std::vector<std::int32_t>>()) << one.at("name");
    if (one.at("name") == "plain") {
      const auto margins = one.at("margins").get<std::vector<float>>();
      ASSERT_EQ(result.tokens.margin.size(), margins.size());
      for (std::size_t i = 0; i < margins.size(); ++i) {
        EXPECT_NEAR(result.tokens.margin[i], margins[i], 1e-3) << i;
      }
    }
  }
}

TEST(Greedy, Refusals) {
  const hf::Checkpoint checkpoint = hf::Checkpoint::open(test::fixture("qwen3-odd-b"));
  DecoderReference model(checkpoint, 4);
  const std::vector<std::int32_t> prompt{1, 2, 3};
  test::expect_error(ExitCode::kUsage, {"prompt has no tokens"}, [&] { generate_reference(model, {}, {}); });
  test::expect_error(ExitCode::kUsage, {"max_new_tokens", "got 0"},
                     [&] { generate_reference(model, prompt, {.max_new_tokens = 0}); });
  test::expect_error(ExitCode::kLength, {"at position 4"},
                     [&] { generate_reference(model, prompt, {.max_new_tokens = 3}); });
  // The last token is not fed: two new tokens fit four positions.
  EXPECT_EQ(generate_reference(model, prompt, {.max_new_tokens = 2}).tokens.target_ids.size(), 2U);
}

}  // namespace
}  // namespace ttx::reference
