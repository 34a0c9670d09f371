// SPDX-License-Identifier: Apache-2.0
//
// ttx-reference on checkpoints of every model type, against what the transformers library generated.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "models/reference/reference_file.hpp"
#include "runtime/atomic_file.hpp"
#include "tests/support/run_command.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::test {
namespace {

using testing::HasSubstr;

std::string fixture(const std::string& name) { return std::string(TTX_FIXTURES) + "/" + name; }

class TtxReference : public testing::Test {
 protected:
  CommandResult reference(const std::string& model, std::vector<std::string> more) {
    std::vector<std::string> arguments{program("ttx-reference"), "--model", fixture(model), "--output",
                                       output()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run({.arguments = arguments, .environment = {}, .folder = {}});
  }
  std::string output() const { return (files_ / "out.safetensors").string(); }
  std::string ids(const std::vector<std::int32_t>& prompt) {
    const auto file = files_ / "ids.json";
    std::string text = "[";
    for (const std::int32_t id : prompt) {
      text += (text.size() > 1 ? "," : "") + std::to_string(id);
    }
    write_file(file, text + "]");
    return file.string();
  }
  TempDir files_;
};

TEST_F(TtxReference, GivesTheLibrarysTokens) {
  for (const std::string name :
       {"qwen3-odd-b", "llama-odd", "llama-wide-heads", "llama-biased", "mistral-odd", "qwen2-odd",
        "phi3-odd", "gemma3-odd", "gemma3-text", "arcee-odd"}) {
    SCOPED_TRACE(name);
    const auto expected = reference::read_reference(fixture(name) + "/reference.safetensors");
    const std::string count = std::to_string(expected.target_ids.size());
    const CommandResult result =
        reference(name, {"--prompt_ids_file", ids(expected.prompt_ids), "--max_new_tokens", count,
                         "--min_new_tokens", count, "--hidden_states"});
    ASSERT_EQ(result.exit_code, 0) << result.err;
    const auto made = reference::read_reference(output());
    EXPECT_EQ(made.target_ids, expected.target_ids);
    EXPECT_EQ(made.logits.shape(), expected.logits.shape());
    EXPECT_EQ(made.hidden_states.shape(), expected.hidden_states.shape());
    EXPECT_EQ(made.metadata.contains("rope"), name == "arcee-odd");
  }
}

TEST_F(TtxReference, TheYarnFactorIsChosenAndNamed) {
  const auto by_file = reference::read_reference(fixture("arcee-odd") + "/reference.safetensors");
  const auto by_lengths =
      reference::read_reference(fixture("arcee-odd") + "/length-ratio.reference.safetensors");
  const std::vector<std::string> prompt{
      "--prompt_ids_file", ids(by_file.prompt_ids), "--max_new_tokens", "16", "--min_new_tokens", "16",
      "--yarn_factor"};
  const auto with = [&](const std::string& choice) {
    std::vector<std::string> all = prompt;
    all.push_back(choice);
    return all;
  };
  CommandResult result = reference("arcee-odd", with("length_ratio"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("yarn with factor 8 (by its lengths"));
  EXPECT_EQ(reference::read_reference(output()).target_ids, by_lengths.target_ids);
  EXPECT_THAT(reference::read_reference(output()).metadata.at("rope"), HasSubstr("yarn with factor 8"));
  result = reference("arcee-odd", with("file"));
  ASSERT_EQ(result.exit_code, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("yarn with factor 10 (config.json's"));
  EXPECT_EQ(reference::read_reference(output()).target_ids, by_file.target_ids);

  result = reference("llama-odd", with("length_ratio"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("rope type \"llama3\", expected \"yarn\""));
  result = reference("arcee-odd", with("other"));
  EXPECT_EQ(result.exit_code, 2);
  EXPECT_THAT(result.err, HasSubstr("--yarn_factor"));
}

}  // namespace
}  // namespace ttx::test
