// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/json_node.hpp"

#include <cstddef>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <nlohmann/json.hpp>

#include "models/hf/model_files.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr std::size_t kLongestShown = 60;
constexpr int kMaxDepth = 100;  // as elsewhere in a model folder

std::string shown(const nlohmann::json& value) {
  if (value.is_structured()) {
    return value.is_array() ? "an array" : "an object";
  }
  std::string text = value.dump(-1, ' ', true);  // ASCII, so that it can be cut anywhere
  if (text.size() > kLongestShown) {
    text.resize(kLongestShown);
    text += "...";
  }
  return text;
}

template <typename Json>
Json read(const std::filesystem::path& file) {
  std::error_code ignored;
  if (std::filesystem::is_symlink(file, ignored)) {
    require_model_file(file);  // a link to nowhere
  }
  std::ifstream stream(file, std::ios::binary);
  TTX_CHECK_AS(stream.is_open(), ExitCode::kCheckpoint, "tokenizer",
               "a file cannot be opened: got no {}, expected it in the model's folder; {}", file.string(),
               how_to_fetch(file.parent_path()));
  std::ostringstream text;
  text << stream.rdbuf();
  TTX_CHECK_AS(stream && text, ExitCode::kCheckpoint, "tokenizer",
               "{} cannot be read: got no content, expected JSON; download it again", file.string());
  // A key that occurs twice is no error: the tokenizers library keeps the last entry of a vocabulary.
  const auto check_depth = [&](int depth, typename Json::parse_event_t event, const Json&) {
    // Starts count the levels around them.
    const bool starts =
        event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start;
    TTX_CHECK_AS(!starts || depth < kMaxDepth, ExitCode::kCheckpoint, "tokenizer",
                 "{} nests too deep: got more than {} levels, expected a tokenizer's; the file is damaged",
                 file.string(), kMaxDepth);
    return true;
  };
  try {
    return Json::parse(text.view(), check_depth);
  } catch (const nlohmann::json::exception& problem) {
    TTX_FAIL_AS(ExitCode::kCheckpoint, "tokenizer", "{} is not valid JSON: got \"{}\"; download it again",
                file.string(), problem.what());
  }
}

}  // namespace

JsonNode::JsonNode(const nlohmann::json& value, const std::filesystem::path& file)
    : JsonNode(value, "", file) {}

JsonNode::JsonNode(const nlohmann::json& value, std::string path, const std::filesystem::path& file)
    : value_(&value), path_(std::move(path)), file_(&file) {}

std::string JsonNode::place() const {
  return path_.empty() ? file_->string() : fmt::format("{} in {}", path_, file_->string());
}

bool JsonNode::is_null() const { return value_->is_null(); }
bool JsonNode::is_string() const { return value_->is_string(); }
bool JsonNode::is_object() const { return value_->is_object(); }
bool JsonNode::is_array() const { return value_->is_array(); }

JsonNode JsonNode::at(const std::string& key) const {
  if (!is_object()) {
    fail("an object");
  }
  const auto found = value_->find(key);
  TTX_CHECK_AS(found != value_->end(), ExitCode::kCheckpoint, "tokenizer",
               "key \"{}\" is missing: got none at {}, expected one; the file is incomplete", key, place());
  return {*found, path_.empty() ? key : path_ + "." + key, *file_};
}

std::optional<JsonNode> JsonNode::find(const std::string& key) const {
  if (!is_object()) {
    fail("an object");
  }
  if (!value_->contains(key) || value_->at(key).is_null()) {
    return std::nullopt;
  }
  return at(key);
}

std::vector<JsonNode> JsonNode::elements() const {
  if (!is_array()) {
    fail("an array");
  }
  std::vector<JsonNode> nodes;
  nodes.reserve(value_->size());
  for (std::size_t i = 0; i < value_->size(); ++i) {
    nodes.push_back({(*value_)[i], fmt::format("{}[{}]", path_, i), *file_});
  }
  return nodes;
}

std::vector<std::pair<std::string, JsonNode>> JsonNode::members() const {
  if (!is_object()) {
    fail("an object");
  }
  std::vector<std::pair<std::string, JsonNode>> nodes;
  for (auto member = value_->begin(); member != value_->end(); ++member) {
    nodes.emplace_back(member.key(), at(member.key()));
  }
  return nodes;
}

std::string JsonNode::string() const {
  if (!is_string()) {
    fail("a string");
  }
  return value_->get<std::string>();
}

bool JsonNode::boolean() const {
  if (!value_->is_boolean()) {
    fail("true or false");
  }
  return value_->get<bool>();
}

std::int64_t JsonNode::integer(std::int64_t most) const {
  const auto number = integer_up_to(*value_, most);
  if (!number) {
    fail(fmt::format("an integer from 0 to {}", most));
  }
  return *number;
}

void JsonNode::fail(std::string_view expected) const {
  TTX_FAIL_AS(ExitCode::kCheckpoint, "tokenizer",
              "a value is wrong at {}: got {}, expected {}; the file is damaged", place(), shown(*value_),
              expected);
}

nlohmann::json read_json(const std::filesystem::path& file) { return read<nlohmann::json>(file); }
nlohmann::ordered_json read_ordered_json(const std::filesystem::path& file) {
  return read<nlohmann::ordered_json>(file);
}

std::optional<std::int64_t> integer_up_to(const nlohmann::json& value, std::int64_t most) {
  if (!value.is_number_integer()) {
    return std::nullopt;
  }
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= static_cast<std::uint64_t>(most)
                        : value.get<std::int64_t>() >= 0 && value.get<std::int64_t>() <= most;
  return fits ? std::optional(value.get<std::int64_t>()) : std::nullopt;
}

std::vector<JsonNode> flatten_sequence(const JsonNode& part, const std::string& list_key) {
  std::vector<JsonNode> flat;
  std::vector<JsonNode> waiting = {part};  // the next one last
  while (!waiting.empty()) {
    const JsonNode node = waiting.back();
    waiting.pop_back();
    if (node.at("type").string() != "Sequence") {
      flat.push_back(node);
      continue;
    }
    const std::vector<JsonNode> inner = node.at(list_key).elements();
    waiting.insert(waiting.end(), inner.rbegin(), inner.rend());
  }
  return flat;
}

void refuse_part(const JsonNode& part, std::string_view kind, std::string_view supported) {
  TTX_FAIL_AS(
      ExitCode::kCheckpoint, "tokenizer",
      "{} type \"{}\" is not supported: got it at {}, expected {}; only BPE tokenizers, byte-level or of "
      "SentencePiece's form, are read",
      kind, part.at("type").string(), part.place(), supported);
}

}  // namespace ttx::hf
