// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// A stretch of text on its way to the model.
struct Piece {
  std::string text;
  bool at_start;  ///< whether it begins where the text given to encode begins
};

/// One step from a text to the pieces that BPE sees: cuts each piece further, or rewrites it.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  /// No piece is empty, before or after; all are well-formed UTF-8.
  virtual void apply(std::vector<Piece>& pieces) const = 0;
};

/// The steps of the "pre_tokenizer" of a tokenizer file: Split, ByteLevel, Digits, Metaspace, or a
/// Sequence of them. Throws ttx::Error (kCheckpoint) for any other type, by name, and for a regex that cannot
/// be read.
std::vector<std::unique_ptr<PreTokenizer>> read_pre_tokenizer(const JsonNode& part);

}  // namespace ttx::hf
