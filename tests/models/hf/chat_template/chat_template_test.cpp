// SPDX-License-Identifier: Apache-2.0
// What transformers renders with the same templates and messages, against ours.
#include "models/hf/chat_template/chat_template.hpp"

#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/error.hpp"
#include "tests/models/hf/real_tokenizers.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/temp_dir.hpp"

namespace ttx::hf {
namespace {

using Json = nlohmann::ordered_json;
using ttx::test::expect_error;

std::string read_text(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  EXPECT_TRUE(stream.is_open()) << file;
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Json read_vectors(const std::string& name) {
  return Json::parse(read_text(std::string(TTX_FIXTURES "/chat_templates/") + name));
}

/// The error has this text, whatever its exit code.
void expect_refusal(std::string_view text, const auto& body) {
  try {
    body();
    ADD_FAILURE() << "no error was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), ::testing::StartsWith("[chat_template] "));
    EXPECT_THAT(error.what(), ::testing::HasSubstr(std::string(text)));
  }
}

ChatSettings settings_of(const Json& json) {
  ChatSettings settings;
  settings.add_generation_prompt = json.value("add_generation_prompt", false);
  settings.tools = json.value("tools", Json());
  settings.variables = json.value("variables", Json::object());
  return settings;
}

/// Renders; where the library gives an error, so must we, and say what raise_exception says.
void expect_case(const Json& expected, const auto& render) {
  SCOPED_TRACE(expected.dump(-1, ' ', true).substr(0, 600));
  if (expected.contains("text")) {
    std::string text;
    try {
      text = render();
    } catch (const Error& error) {
      ADD_FAILURE() << error.what();
      return;
    }
    EXPECT_EQ(text, expected["text"].get<std::string>());
    return;
  }
  const auto message = expected["error"].get<std::string>();
  const std::string raised = "TemplateError: ";
  expect_refusal(message.starts_with(raised) ? message.substr(raised.size()) : "", [&] { (void)render(); });
}

void expect_conversations(const ChatTemplate& chat, const Json& cases, const Json& conversations) {
  ASSERT_GE(cases.size(), 40U);
  for (const Json& one : cases) {
    const Json& messages = conversations[one["conversation"].get<std::size_t>()];
    expect_case(one, [&] { return chat.render(messages, settings_of(one["settings"])); });
  }
}

TEST(ChatTemplate, RendersSnippetsAsTheLibrary) {
  const Json vectors = read_vectors("vectors.json");
  ChatSettings settings;
  settings.variables = vectors["variables"];
  ASSERT_GE(vectors["snippets"].size(), 400U);
  for (const Json& one : vectors["snippets"]) {
    expect_case(one, [&] {
      return ChatTemplate(one["source"].get<std::string>(), {})
          .render({{{"role", "user"}, {"content", "x"}}}, settings);
    });
  }
}

TEST(ChatTemplate, RendersConversationsAsTheLibrary) {
  const Json vectors = read_vectors("vectors.json");
  const auto special = vectors["special_tokens"].get<std::map<std::string, std::string>>();
  int templates = 0;
  for (const auto& entry : std::filesystem::directory_iterator(TTX_FIXTURES "/chat_templates")) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() == ".jinja") {
      SCOPED_TRACE(name);
      ++templates;
      expect_conversations(ChatTemplate(read_text(entry.path()), special), vectors.at(name),
                           vectors["conversations"]);
    }
  }
  EXPECT_GE(templates, 9);
}

TEST(ChatTemplate, RendersTheTemplatesOfPublishedModels) {
  const Json vectors = read_vectors("real.json");
  int rendered = 0;
  for (const auto& entry : vectors.items()) {
    const auto file = ttx::test::real_tokenizer_file(entry.key());
    if (!file) {
      continue;
    }
    SCOPED_TRACE(entry.key());
    const ttx::test::TempDir copy;
    copy.write("tokenizer_config.json", read_text(*file));
    expect_conversations(ChatTemplate::load(copy.path()), entry.value(), vectors["conversations"]);
    ++rendered;
  }
  if (rendered == 0) {
    GTEST_SKIP() << ttx::test::needs_real_tokenizer("Phi-3-mini-128k-instruct");
  }
}

Json hello() { return Json::array({{{"role", "user"}, {"content", "Hello"}}}); }

TEST(ChatTemplate, KnowsTheTime) {
  const ChatTemplate chat("{{ strftime_now('%Y-%m-%d') }}{{ strftime_now('') }}", {});
  const auto today = [] {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    std::string text(10, '\0');
    std::strftime(text.data(), text.size() + 1, "%Y-%m-%d", &local);
    return text;
  };
  const std::string before = today();
  const std::string text = chat.render(hello());
  EXPECT_TRUE(text == before || text == today()) << text;
}

TEST(ChatTemplate, NamesTheLineOfAMistake) {
  expect_error(ExitCode::kFailure, {"[chat_template] line 2 of the chat template", "'x' is undefined"},
               [] { ChatTemplate("a\n{{ x.y }}", {}).render(hello()); });
  expect_error(ExitCode::kCheckpoint, {"line 3 of the chat template", "there is no filter 'shout'"},
               [] { ChatTemplate("a\n\n{{ x | shout }}", {}); });
  expect_error(ExitCode::kCheckpoint, {"line 1 of the chat template", "statement 'include' is not supported"},
               [] { ChatTemplate("{% include 'x' %}", {}); });
  expect_error(ExitCode::kFailure, {"line 1", "the template refuses these messages: got \"never\""},
               [] { ChatTemplate("{{ raise_exception('never') }}", {}).render(hello()); });
}

TEST(ChatTemplate, RefusesWhatNestsOrGrowsWithoutEnd) {
  const auto refuses = [](const std::string& source, std::string_view text) {
    expect_refusal(text, [&] { ChatTemplate(source, {}).render(hello()); });
  };
  refuses("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "nest too deep");
  refuses("{{ " + std::string(1000, '(') + "1" + std::string(1000, ')') + " }}", "nests too deep");
  refuses("{{ " + std::string(1000, '[') + "1" + std::string(1000, ']') + " }}", "nests too deep");
  std::string ifs;
  for (int i = 0; i < 1000; ++i) {
    ifs += "{% if true %}";
  }
  refuses(ifs, "nest too deep");
  refuses("{{ 'ab' * 1000000000 }}", "* makes too much");
  refuses("{{ 2 ** 64 }}", "a number is too large");
  const std::string space = "{% set ns = namespace() %}";
  refuses(space + "{% set ns.self = ns %}", "got a function or a namespace");
  refuses(space +
              "{% for x in [1] %}{% macro m() %}{{ x }}{% endmacro %}{% set ns.m = [m] %}{% endfor %}{{ "
              "ns.m[0]() }}",
          "got a function or a namespace");
}

TEST(ChatTemplate, RefusesArgumentsOfAnotherForm) {
  const ChatTemplate chat("{{ messages[0].content }}", {});
  const auto refuses = [&](const Json& messages, const Json& settings, std::string_view text) {
    expect_error(ExitCode::kUsage, {"[chat_template] ", text},
                 [&] { chat.render(messages, settings_of(settings)); });
  };
  refuses(Json::array(), Json::object(), "got an empty list, expected a list of at least one message");
  refuses(Json::object(), Json::object(), "got object, expected a list");
  refuses(Json::array({"x"}), Json::object(), "message 0 is no object: got string");
  refuses(hello(), {{"tools", 5}}, "tools: got number, expected a list");
  refuses(hello(), {{"variables", {{"messages", 1}}}}, "variable 'messages' is set by other means");
  refuses(hello(), {{"variables", Json::array()}}, "the variables are no object: got array");
  EXPECT_EQ(chat.render(hello()), "Hello");
}

}  // namespace
}  // namespace ttx::hf
