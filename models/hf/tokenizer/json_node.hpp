// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ttx::hf {

/// A value of a JSON file that knows where it stands, so that every complaint about it can say so. A view:
/// the parsed file and its path must outlive it. All throwing members throw ttx::Error (kCheckpoint).
class JsonNode {
 public:
  JsonNode(const nlohmann::json& value, const std::filesystem::path& file);

  const nlohmann::json& value() const { return *value_; }
  /// "pre_tokenizer.pattern in /models/x/tokenizer.json"
  std::string place() const;

  bool is_null() const;
  bool is_string() const;
  bool is_object() const;
  bool is_array() const;

  /// The member `key`, which must be there.
  JsonNode at(const std::string& key) const;
  /// The member `key` when it is there and not null.
  std::optional<JsonNode> find(const std::string& key) const;
  /// The elements; the value must be an array.
  std::vector<JsonNode> elements() const;
  /// The members in the file's sorted order with their keys; the value must be an object.
  std::vector<std::pair<std::string, JsonNode>> members() const;

  std::string string() const;
  bool boolean() const;
  /// An integer from 0 to `most`.
  std::int64_t integer(std::int64_t most) const;

  /// "got <this value, cut>, expected <expected>" at this place.
  [[noreturn]] void fail(std::string_view expected) const;

 private:
  JsonNode(const nlohmann::json& value, std::string path, const std::filesystem::path& file);

  const nlohmann::json* value_;
  std::string path_;  // empty for the whole file
  const std::filesystem::path* file_;
};

/// The file's content. Throws ttx::Error (kCheckpoint) when it cannot be read, is no JSON (the message has
/// the byte) or nests deeper than 100 levels.
nlohmann::json read_json(const std::filesystem::path& file);
/// The same with the members of objects in the order of the file.
nlohmann::ordered_json read_ordered_json(const std::filesystem::path& file);

/// The value when it is an integer from 0 to `most`.
std::optional<std::int64_t> integer_up_to(const nlohmann::json& value, std::int64_t most);

/// The parts of `part`, in order: itself, or the elements under `list_key` of each "Sequence", however deep.
std::vector<JsonNode> flatten_sequence(const JsonNode& part, const std::string& list_key);

/// Refuses the type of `part`, which is none of `supported`; `kind` is "pre_tokenizer" and the like.
[[noreturn]] void refuse_part(const JsonNode& part, std::string_view kind, std::string_view supported);

}  // namespace ttx::hf
