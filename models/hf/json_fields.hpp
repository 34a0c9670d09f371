// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace ttx::hf {

/// Reads typed values out of one JSON object of a model file. A key with value null counts as absent. Every
/// refusal is an Error (kCheckpoint) `[op] file: key: got value, expected what`. Holds references: the object
/// must live longer.
class JsonFields {
 public:
  static constexpr std::int64_t kAny = std::numeric_limits<std::int64_t>::max();

  /// `prefix` stands before keys in messages ("rope_scaling."). Refuses a value that is not an object.
  JsonFields(const nlohmann::json& object, std::string op, std::string file, std::string prefix = {});

  /// Whether the key is there at all, be its value null.
  bool has(const std::string& key) const;
  /// Null when absent.
  const nlohmann::json* find(const std::string& key) const;

  /// An integer in [least, most]; 1024.0 is taken as 1024.
  std::int64_t integer(const std::string& key, std::int64_t least, std::int64_t most = kAny) const;
  std::optional<std::int64_t> optional_integer(const std::string& key, std::int64_t least,
                                               std::int64_t most = kAny) const;
  /// A finite number, written as integer or float.
  std::optional<double> optional_number(const std::string& key) const;
  std::optional<bool> optional_boolean(const std::string& key) const;
  std::optional<std::string> optional_string(const std::string& key) const;
  std::vector<std::string> strings(const std::string& key) const;
  /// Token ids: one integer or a list of them; empty when absent.
  std::vector<std::int32_t> token_ids(const std::string& key) const;
  std::optional<std::int32_t> token_id(const std::string& key) const;

  [[noreturn]] void refuse(const std::string& key, std::string_view expected) const;
  [[noreturn]] void refuse_text(std::string_view text) const;

 private:
  const nlohmann::json& object_;
  std::string op_;
  std::string file_;
  std::string prefix_;
};

}  // namespace ttx::hf
