// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/decoder.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "models/hf/tokenizer/byte_fallback.hpp"
#include "models/hf/tokenizer/metaspace.hpp"
#include "models/hf/tokenizer/text_pattern.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

std::string joined(const std::vector<std::string>& tokens, std::string_view separator) {
  std::string text;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    text += i == 0 ? "" : separator;
    text += tokens[i];
  }
  return text;
}

/// One text out of all tokens: a character may lie across several.
class ByteLevel final : public Decoder::Step {
 public:
  void apply(std::vector<std::string>& tokens) const override {
    std::string bytes;
    for (const std::string& token : tokens) {
      bytes += alphabet_to_bytes(token).value_or(token);
    }
    tokens = {replace_invalid_utf8(bytes)};
  }
};

class ByteFallback final : public Decoder::Step {
 public:
  void apply(std::vector<std::string>& tokens) const override { tokens = decode_byte_fallback(tokens); }
};

class Fuse final : public Decoder::Step {
 public:
  void apply(std::vector<std::string>& tokens) const override { tokens = {joined(tokens, "")}; }
};

class Replace final : public Decoder::Step {
 public:
  explicit Replace(const JsonNode& part)
      : pattern_(part.at("pattern")), content_(part.at("content").string()) {}

  void apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) {
      token = pattern_.replace_all(token, content_);
    }
  }

 private:
  TextPattern pattern_;
  std::string content_;
};

/// Takes a character off the ends of each token, at most so many times.
class Strip final : public Decoder::Step {
 public:
  explicit Strip(const JsonNode& part)
      : content_(part.at("content").string()),
        start_(part.at("start").integer(kMost)),
        stop_(part.at("stop").integer(kMost)) {
    std::size_t end = 0;
    if (!content_.empty()) {
      next_code_point(content_, end);
    }
    if (end == 0 || end != content_.size()) {
      part.at("content").fail("one character");
    }
  }

  void apply(std::vector<std::string>& tokens) const override {
    for (std::string& token : tokens) {
      std::string_view rest = token;
      for (std::int64_t i = 0; i < start_ && rest.starts_with(content_); ++i) {
        rest.remove_prefix(content_.size());
      }
      for (std::int64_t i = 0; i < stop_ && rest.ends_with(content_); ++i) {
        rest.remove_suffix(content_.size());
      }
      token = std::string(rest);
    }
  }

 private:
  static constexpr std::int64_t kMost = 1 << 20;

  std::string content_;
  std::int64_t start_;
  std::int64_t stop_;
};

class MetaspaceDecoder final : public Decoder::Step {
 public:
  explicit MetaspaceDecoder(Metaspace metaspace) : metaspace_(std::move(metaspace)) {}
  void apply(std::vector<std::string>& tokens) const override { decode_metaspace(metaspace_, tokens); }

 private:
  Metaspace metaspace_;
};

std::unique_ptr<const Decoder::Step> read_step(const JsonNode& part) {
  const std::string type = part.at("type").string();
  if (type == "ByteLevel") {
    return std::make_unique<const ByteLevel>();
  }
  if (type == "ByteFallback") {
    return std::make_unique<const ByteFallback>();
  }
  if (type == "Fuse") {
    return std::make_unique<const Fuse>();
  }
  if (type == "Replace") {
    return std::make_unique<const Replace>(part);
  }
  if (type == "Strip") {
    return std::make_unique<const Strip>(part);
  }
  if (type == "Metaspace") {
    return std::make_unique<const MetaspaceDecoder>(read_metaspace(part));
  }
  refuse_part(part, "decoder", "Sequence, ByteLevel, Replace, ByteFallback, Fuse, Strip or Metaspace");
}

}  // namespace

Decoder::Decoder(const JsonNode& part) {
  separator_.clear();
  for (const JsonNode& node : flatten_sequence(part, "decoders")) {
    steps_.push_back(read_step(node));
  }
}

std::string Decoder::decode(std::vector<std::string> tokens) const {
  for (const auto& step : steps_) {
    step->apply(tokens);
  }
  return joined(tokens, separator_);
}

}  // namespace ttx::hf
