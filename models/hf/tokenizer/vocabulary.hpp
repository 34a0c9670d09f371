// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// Token ids lie below this: a bound on the memory a damaged file can ask for, 60 times the largest
/// vocabulary known.
constexpr std::int64_t kTokenIdLimit = std::int64_t{1} << 24;

/// The tokens of the model part, by id and by text. Ids may have holes.
class Vocabulary {
 public:
  /// Reads {"token": id, ...}. Throws ttx::Error (kCheckpoint) when an id is no integer, too large, or given
  /// twice.
  explicit Vocabulary(const JsonNode& vocab);
  Vocabulary(Vocabulary&&) = default;
  Vocabulary& operator=(Vocabulary&&) = default;

  std::int64_t size() const { return static_cast<std::int64_t>(ids_.size()); }
  std::optional<std::int32_t> id(std::string_view token) const;
  /// The token with this id; nullptr when there is none.
  const std::string* token(std::int32_t id) const;

 private:
  std::vector<std::string> tokens_;  // by id; ids_ refers to these strings
  std::vector<bool> present_;
  std::unordered_map<std::string_view, std::int32_t> ids_;
};

}  // namespace ttx::hf
