// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace ttx::hf {

/// The sources of a model's chat templates by name, a single one as "default"; empty where it has none. Files
/// of their own come before tokenizer_config.json, and that before chat_template.json. Throws ttx::Error
/// (kCheckpoint) when a file cannot be read or is of another form.
std::map<std::string, std::string> read_chat_templates(const std::filesystem::path& folder);

}  // namespace ttx::hf
