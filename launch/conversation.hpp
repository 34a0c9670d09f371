// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "models/hf/chat_template/chat_template.hpp"

namespace ttx::launch {

/// What a user wants to say to a model.
// NOLINTNEXTLINE(bugprone-exception-escape): moving a JSON value does not throw, though the check thinks so
struct Conversation {
  nlohmann::ordered_json messages;
  hf::ChatSettings settings;
};

/// Reads a list of messages, [{"role": "user", "content": "Hello"}], or an object with that list as
/// "messages" and, where wanted, "tools" and "documents"; "-" is standard input. Throws Error (kUsage) with
/// the place of what is wrong.
Conversation read_conversation(const std::string& file);

/// The variables of a template from a command line, {"enable_thinking": false}. Throws Error (kUsage).
nlohmann::ordered_json parse_chat_variables(std::string_view json);

}  // namespace ttx::launch
