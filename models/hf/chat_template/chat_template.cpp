// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/chat_template.hpp"

#include <array>
#include <utility>
#include <vector>

#include "models/hf/chat_template/functions.hpp"
#include "models/hf/chat_template/loop.hpp"
#include "models/hf/chat_template/statement_parser.hpp"
#include "models/hf/chat_template/template_files.hpp"
#include "models/hf/tokenizer/tokenizer_config.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

using jinja::Dict;
using jinja::List;
using jinja::Statement;
using jinja::Value;
using Json = nlohmann::ordered_json;

constexpr std::string_view kDefault = "default";
constexpr std::string_view kToolUse = "tool_use";
constexpr std::array<const char*, 4> kOwnVariables = {"messages", "tools", "documents",
                                                      "add_generation_prompt"};
/// Names under which a message's reasoning is passed; the first is the one that templates read.
constexpr std::array<std::string_view, 3> kReasoning = {"reasoning_content", "thinking", "reasoning"};

/// A message without members that are null, with its reasoning under the names that templates look for.
Value message_value(const Json& message) {
  Dict plain;
  for (const auto& member : message.items()) {
    if (!member.value().is_null()) {
      plain.set(member.key(), Value::from_json(member.value()));
    }
  }
  const Value* reasoning = nullptr;
  for (const std::string_view name : kReasoning) {
    reasoning = reasoning == nullptr ? plain.find(name) : reasoning;
  }
  if (reasoning == nullptr) {
    return plain;
  }
  Dict aliased;
  aliased.set("thinking", *reasoning);
  for (const auto& [key, value] : plain.members()) {
    aliased.set(key, value);
  }
  aliased.set("reasoning_content", *reasoning);
  return aliased;
}

Value messages_value(const Json& messages) {
  TTX_CHECK_AS(messages.is_array() && !messages.empty(), ExitCode::kUsage, "chat_template",
               "the messages are no conversation: got {}, expected a list of at least one message",
               messages.is_array() ? "an empty list" : messages.type_name());
  List list;
  for (const Json& message : messages) {
    TTX_CHECK_AS(message.is_object(), ExitCode::kUsage, "chat_template",
                 "message {} is no object: got {}, expected {{\"role\": .., \"content\": ..}}", list.size(),
                 message.type_name());
    list.push_back(message_value(message));
  }
  return list;
}

Value list_or_none(const Json& json, std::string_view what) {
  TTX_CHECK_AS(json.is_null() || json.is_array(), ExitCode::kUsage, "chat_template",
               "{}: got {}, expected a list", what, json.type_name());
  return Value::from_json(json);
}

}  // namespace

struct ChatTemplate::Parts {
  const Statement& pick(const ChatSettings& settings) const;

  std::map<std::string, Statement, std::less<>> templates;
  std::map<std::string, std::string> special_tokens;
};

const Statement& ChatTemplate::Parts::pick(const ChatSettings& settings) const {
  const bool by_tools = !settings.tools.is_null() && templates.contains(kToolUse);
  const std::string name =
      !settings.name.empty() ? settings.name : std::string(by_tools ? kToolUse : kDefault);
  const auto found = templates.find(name);
  if (found != templates.end()) {
    return found->second;
  }
  std::string names;
  for (const auto& known : templates) {
    names += (names.empty() ? "" : ", ") + known.first;
  }
  TTX_FAIL_AS(ExitCode::kUsage, "chat_template",
              "the model has no chat template '{}': got {}, expected one of these; name it", name, names);
}

ChatTemplate::ChatTemplate(std::unique_ptr<const Parts> parts) : parts_(std::move(parts)) {}
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;
ChatTemplate::~ChatTemplate() = default;

ChatTemplate::ChatTemplate(std::string_view source, std::map<std::string, std::string> special_tokens) {
  auto parts = std::make_unique<Parts>();
  parts->templates.emplace(kDefault, jinja::StatementParser(source).parse());
  parts->special_tokens = std::move(special_tokens);
  parts_ = std::move(parts);
}

ChatTemplate ChatTemplate::load(const std::filesystem::path& folder) {
  auto parts = std::make_unique<Parts>();
  for (const auto& [name, source] : read_chat_templates(folder)) {
    parts->templates.emplace(name, jinja::StatementParser(source).parse());
  }
  TTX_CHECK_AS(
      !parts->templates.empty(), ExitCode::kCheckpoint, "chat_template",
      "the model has no chat template: got none in {}, expected chat_template.jinja or chat_template in "
      "tokenizer_config.json; base models have none, use plain text",
      folder.string());
  parts->special_tokens = read_tokenizer_config(folder / "tokenizer_config.json").special.named;
  return ChatTemplate(std::move(parts));
}

std::string ChatTemplate::render(const Json& messages, const ChatSettings& settings) const {
  TTX_CHECK_AS(settings.variables.is_object(), ExitCode::kUsage, "chat_template",
               "the variables are no object: got {}, expected {{\"name\": value}}",
               settings.variables.type_name());
  Dict variables = jinja::template_functions();
  for (const auto& [name, text] : parts_->special_tokens) {
    variables.set(name, text);
  }
  for (const auto& member : settings.variables.items()) {
    variables.set(member.key(), Value::from_json(member.value()));
  }
  for (const char* name : kOwnVariables) {
    TTX_CHECK_AS(!settings.variables.contains(name), ExitCode::kUsage, "chat_template",
                 "variable '{}' is set by other means: got it among the variables, expected other names",
                 name);
  }
  variables.set("messages", messages_value(messages));
  variables.set("tools", list_or_none(settings.tools, "tools"));
  variables.set("documents", list_or_none(settings.documents, "documents"));
  variables.set("add_generation_prompt", settings.add_generation_prompt);
  jinja::Scope scope(std::move(variables));
  std::string text;
  parts_->pick(settings)(scope, text);
  return text;
}

}  // namespace ttx::hf
