// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

namespace ttx::hf {

/// What apply_chat_template takes beside the messages.
struct ChatSettings {
  bool add_generation_prompt = false;
  nlohmann::ordered_json tools;                                         ///< null, or a list of JSON schemas
  nlohmann::ordered_json documents;                                     ///< null, or a list
  nlohmann::ordered_json variables = nlohmann::ordered_json::object();  ///< more of the template's own
  std::string name;  ///< of several templates; empty: tool_use where there are tools, else default
};

/// The chat templates of a model: how its messages become one text. Written in Jinja, of which
/// models/hf/chat_template reads what such templates use, with the settings of transformers 5. Const use from
/// several threads is safe.
class ChatTemplate {
 public:
  /// Looks in `folder` for chat_template.jinja and additional_chat_templates/*.jinja, else for chat_template
  /// in tokenizer_config.json (a text, or a list of named ones), else in chat_template.json. The texts of
  /// special tokens are those of tokenizer_config.json. Throws ttx::Error (kCheckpoint) when there is none,
  /// or when a file is damaged.
  static ChatTemplate load(const std::filesystem::path& folder);

  /// One template; `special_tokens` are variables by name, {"bos_token", "<s>"}.
  ChatTemplate(std::string_view source, std::map<std::string, std::string> special_tokens);

  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;
  ~ChatTemplate();

  /// The text of `messages`, a list of objects such as {"role": "user", "content": "Hello"}. Members that are
  /// null are left out, and reasoning_content, thinking and reasoning stand in for each other, as in
  /// transformers. Throws ttx::Error when the template refuses the messages (the message has its sentence and
  /// the line), and kUsage when the arguments are of another form. Encode the text without special tokens:
  /// the template writes them itself.
  std::string render(const nlohmann::ordered_json& messages, const ChatSettings& settings = {}) const;

 private:
  struct Parts;
  explicit ChatTemplate(std::unique_ptr<const Parts> parts);

  std::unique_ptr<const Parts> parts_;
};

}  // namespace ttx::hf
