// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// From tokens back to text: ByteLevel, or a Sequence of decoders.
class Decoder {
 public:
  /// Joins the tokens with spaces, as "decoder": null.
  Decoder() = default;
  /// Throws ttx::Error (kCheckpoint) for any other type, by name.
  explicit Decoder(const JsonNode& part);

  /// Tokens are well-formed UTF-8, and so is the text: bytes that form no character become U+FFFD.
  std::string decode(std::vector<std::string> tokens) const;

 private:
  enum class Step { kByteLevel };

  std::vector<Step> steps_;
  std::string separator_ = " ";
};

}  // namespace ttx::hf
