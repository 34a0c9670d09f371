// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/decoder.hpp"

#include <cstddef>
#include <utility>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

/// One text out of all tokens: a character may lie across several.
std::vector<std::string> decode_byte_level(const std::vector<std::string>& tokens) {
  std::string bytes;
  for (const std::string& token : tokens) {
    bytes += alphabet_to_bytes(token).value_or(token);
  }
  return {replace_invalid_utf8(bytes)};
}

}  // namespace

Decoder::Decoder(const JsonNode& part) {
  separator_.clear();
  for (const JsonNode& node : flatten_sequence(part, "decoders")) {
    if (node.at("type").string() != "ByteLevel") {
      refuse_part(node, "decoder", "Sequence or ByteLevel");
    }
    steps_.push_back(Step::kByteLevel);
  }
}

std::string Decoder::decode(std::vector<std::string> tokens) const {
  for (const Step step : steps_) {
    switch (step) {
      case Step::kByteLevel:
        tokens = decode_byte_level(tokens);
        break;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    text += i == 0 ? "" : separator_;
    text += tokens[i];
  }
  return text;
}

}  // namespace ttx::hf
