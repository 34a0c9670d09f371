// SPDX-License-Identifier: Apache-2.0
#include "launch/conversation.hpp"

#include <utility>

#include "launch/text_input.hpp"
#include "runtime/error.hpp"
#include "runtime/strict_json.hpp"

namespace ttx::launch {
namespace {

using Json = nlohmann::ordered_json;

/// JSON that a person wrote; templates see its members in its order.
Json parse_json(std::string_view text, const std::string& name) {
  try {
    parse_strict_json(text, "chat", name);
  } catch (const Error& error) {
    throw Error(error.what(), ExitCode::kUsage);
  }
  return Json::parse(text);
}

}  // namespace

Conversation read_conversation(const std::string& file) {
  const TextInput input = read_input(file);
  Json json = parse_json(input.text, input.name);
  Conversation conversation;
  if (!json.is_object()) {
    conversation.messages = std::move(json);
    return conversation;
  }
  TTX_CHECK_AS(
      json.contains("messages"), ExitCode::kUsage, "chat",
      "{} has no messages: got an object without them, expected a list of messages, or an object with "
      "\"messages\"",
      input.name);
  for (auto& member : json.items()) {
    if (member.key() == "messages") {
      conversation.messages = std::move(member.value());
    } else if (member.key() == "tools") {
      conversation.settings.tools = std::move(member.value());
    } else if (member.key() == "documents") {
      conversation.settings.documents = std::move(member.value());
    } else {
      TTX_FAIL_AS(ExitCode::kUsage, "chat",
                  "{} has a member that is not used: got \"{}\", expected messages, tools or documents; "
                  "--chat_variables sets variables of the template",
                  input.name, member.key());
    }
  }
  return conversation;
}

Json parse_chat_variables(std::string_view json) {
  Json variables = parse_json(json, "--chat_variables");
  TTX_CHECK_AS(variables.is_object(), ExitCode::kUsage, "chat",
               "--chat_variables is no object: got {}, expected one like {{\"enable_thinking\": false}}",
               variables.type_name());
  return variables;
}

}  // namespace ttx::launch
