// SPDX-License-Identifier: Apache-2.0
// Where the templates of a model folder come from, in the order of transformers.
#include <string>

#include <gtest/gtest.h>

#include "models/hf/chat_template/chat_template.hpp"
#include "runtime/error.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

using Json = nlohmann::ordered_json;
using ttx::test::expect_error;
using ttx::test::TempDir;

std::string render(const TempDir& folder, const ChatSettings& settings = {}) {
  return ChatTemplate::load(folder.path()).render({{{"role", "user"}, {"content", "Hi"}}}, settings);
}

TEST(ChatTemplateFiles, AFileOfItsOwnComesFirst) {
  const TempDir folder;
  folder.write("chat_template.json", R"({"chat_template": "third"})");
  EXPECT_EQ(render(folder), "third");
  folder.write("tokenizer_config.json", R"({"chat_template": "second{{ bos_token }}", "bos_token": "<s>"})");
  EXPECT_EQ(render(folder), "second<s>");
  folder.write("chat_template.jinja", "{{ bos_token }}first\n");
  EXPECT_EQ(render(folder), "<s>first");
}

TEST(ChatTemplateFiles, TakesTheTokensOfTheRoles) {
  const TempDir folder;
  folder.write("chat_template.jinja", "{{ bos_token }} {{ eos_token }} {{ pad_token }} {{ image_token }}");
  EXPECT_EQ(render(folder), "   ");
  folder.write("tokenizer_config.json",
               R"({"bos_token": {"content": "<s>"}, "eos_token": null, "image_token": "<img>",
                  "model_max_length": 1000000000000000019884624838656})");
  EXPECT_EQ(render(folder), "<s>   <img>");
}

TEST(ChatTemplateFiles, PicksAmongNamedOnes) {
  const TempDir folder;
  folder.write("tokenizer_config.json", R"({"chat_template": [{"name": "default", "template": "d"},
                                            {"name": "tool_use", "template": "t"}, {"name": "rag", "template": "r"}]})");
  EXPECT_EQ(render(folder), "d");
  ChatSettings settings;
  settings.tools = Json::array();
  EXPECT_EQ(render(folder, settings), "t");
  settings.name = "rag";
  EXPECT_EQ(render(folder, settings), "r");
  settings.name = "other";
  expect_error(ExitCode::kUsage, {"no chat template 'other'", "default, rag, tool_use"},
               [&] { render(folder, settings); });
}

TEST(ChatTemplateFiles, ReadsFurtherFiles) {
  const TempDir folder;
  std::filesystem::create_directory(folder / "additional_chat_templates");
  folder.write("additional_chat_templates/tool_use.jinja", "t");
  folder.write("additional_chat_templates/notes.txt", "{% no template");
  expect_error(ExitCode::kUsage, {"no chat template 'default'"}, [&] { render(folder); });
  folder.write("chat_template.jinja", "d");
  EXPECT_EQ(render(folder), "d");
  ChatSettings settings;
  settings.tools = Json::array();
  EXPECT_EQ(render(folder, settings), "t");
}

TEST(ChatTemplateFiles, SaysWhatIsMissingOrDamaged) {
  const TempDir folder;
  expect_error(ExitCode::kCheckpoint,
               {"[chat_template] the model has no chat template", folder.path().string()},
               [&] { render(folder); });
  folder.write("tokenizer_config.json", R"({"chat_template": 5})");
  expect_error(ExitCode::kCheckpoint, {"chat_template in", "got 5, expected a string"},
               [&] { render(folder); });
  folder.write("tokenizer_config.json", R"({"chat_template": [{"name": "default"}]})");
  expect_error(ExitCode::kCheckpoint, {"key \"template\" is missing"}, [&] { render(folder); });
  folder.write("chat_template.jinja", "a\xFF");
  expect_error(ExitCode::kCheckpoint, {"chat_template.jinja is not UTF-8", "offset 1"},
               [&] { render(folder); });
  std::filesystem::remove(folder / "chat_template.jinja");
  std::filesystem::create_symlink("gone", folder / "chat_template.jinja");
  expect_error(ExitCode::kCheckpoint, {"chat_template.jinja is a link to gone"}, [&] { render(folder); });
}

}  // namespace
}  // namespace ttx::hf
