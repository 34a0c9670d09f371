// SPDX-License-Identifier: Apache-2.0
#include "models/hf/chat_template/template_files.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "models/hf/model_files.hpp"
#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"
#include "runtime/file_map.hpp"

namespace ttx::hf {
namespace {

namespace fs = std::filesystem;
using Sources = std::map<std::string, std::string>;

constexpr const char* kDefault = "default";

bool is_there(const fs::path& file) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(file, ignored));  // a link to nowhere is not an absent file
}

std::string read_text(const fs::path& file) {
  require_model_file(file);
  std::string text(FileMap::open(file)->text());
  const std::size_t invalid = first_invalid_utf8(text);
  TTX_CHECK_AS(invalid == std::string::npos, ExitCode::kCheckpoint, "chat_template",
               "{} is not UTF-8: got another byte at offset {}; download it again", file.string(), invalid);
  return text;
}

Sources read_files(const fs::path& folder) {
  Sources sources;
  if (is_there(folder / "chat_template.jinja")) {
    sources[kDefault] = read_text(folder / "chat_template.jinja");
  }
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder / "additional_chat_templates", ignored)) {
    if (entry.path().extension() == ".jinja") {
      sources[entry.path().stem().string()] = read_text(entry.path());
    }
  }
  return sources;
}

/// The member chat_template of a JSON file: a text, a list of {name, template}, or an object of them.
Sources read_member(const fs::path& file) {
  Sources sources;
  if (!is_there(file)) {
    return sources;
  }
  const nlohmann::json json = read_json(file);
  const auto node = JsonNode(json, file).find("chat_template");
  if (!node) {
    return sources;
  }
  if (node->is_array()) {
    for (const JsonNode& one : node->elements()) {
      sources[one.at("name").string()] = one.at("template").string();
    }
  } else if (node->is_object()) {
    for (const auto& [name, one] : node->members()) {
      sources[name] = one.string();
    }
  } else {
    sources[kDefault] = node->string();
  }
  return sources;
}

}  // namespace

std::map<std::string, std::string> read_chat_templates(const fs::path& folder) {
  Sources sources = read_files(folder);
  for (const char* name : {"tokenizer_config.json", "chat_template.json"}) {
    if (sources.empty()) {
      sources = read_member(folder / name);
    }
  }
  return sources;
}

}  // namespace ttx::hf
