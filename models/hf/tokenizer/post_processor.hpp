// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// Whether encode puts the tokens around a text that its model expects, such as <|begin_of_text|>.
enum class AddSpecialTokens { kNo, kYes };

/// What happens to the ids of a text last: TemplateProcessing, ByteLevel (which only moves offsets, so
/// changes no id), or a Sequence with at most one TemplateProcessing.
class PostProcessor {
 public:
  /// Changes nothing, as "post_processor": null.
  PostProcessor() = default;
  /// Throws ttx::Error (kCheckpoint) for any other type, by name, and for a template that names unknown
  /// tokens.
  explicit PostProcessor(const JsonNode& part);
  /// Fixed ids before and behind the text.
  PostProcessor(std::vector<std::int32_t> before, std::vector<std::int32_t> behind);

  /// The ids in front of the text.
  std::vector<std::int32_t> prefix() const;
  std::vector<std::int32_t> apply(const std::vector<std::int32_t>& ids, AddSpecialTokens add) const;

 private:
  void read_template(const JsonNode& part);

  struct Piece {
    bool is_text;
    std::vector<std::int32_t> ids;  // of a special token
  };

  std::vector<Piece> pieces_ = {{true, {}}};
};

}  // namespace ttx::hf
