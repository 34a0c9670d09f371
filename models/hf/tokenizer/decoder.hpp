// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"

namespace ttx::hf {

/// From tokens back to text: ByteLevel, Replace, ByteFallback, Fuse, Strip, Metaspace, or a Sequence of them.
/// Const use from several threads is safe.
class Decoder {
 public:
  /// One step of a sequence: the tokens of a text, rewritten.
  class Step {
   public:
    virtual ~Step() = default;
    virtual void apply(std::vector<std::string>& tokens) const = 0;
  };

  /// Joins the tokens with spaces, as "decoder": null.
  Decoder() = default;
  /// Throws ttx::Error (kCheckpoint) for any other type, by name.
  explicit Decoder(const JsonNode& part);

  /// Tokens are well-formed UTF-8, and so is the text: bytes that form no character become U+FFFD.
  std::string decode(std::vector<std::string> tokens) const;

 private:
  std::vector<std::unique_ptr<const Step>> steps_;
  std::string separator_ = " ";
};

}  // namespace ttx::hf
