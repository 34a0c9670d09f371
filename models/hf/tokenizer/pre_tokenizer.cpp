// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/pre_tokenizer.hpp"

#include <optional>
#include <utility>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "models/hf/tokenizer/regex.hpp"
#include "models/hf/tokenizer/split.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

// GPT-2's pattern, from its encoder.py; ByteLevel cuts with it unless use_regex is false.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

void cut_pieces(std::vector<std::string>& pieces, const Regex& regex, SplitBehavior behavior, SplitOn on) {
  std::vector<std::string> cut;
  cut.reserve(pieces.size());
  for (const std::string& piece : pieces) {
    for (const TextSpan span : split(piece.size(), regex.find_all(piece), behavior, on)) {
      if (span.begin != span.end) {
        cut.push_back(piece.substr(span.begin, span.end - span.begin));
      }
    }
  }
  pieces = std::move(cut);
}

class Split : public PreTokenizer {
 public:
  Split(Regex regex, SplitBehavior behavior, SplitOn on)
      : regex_(std::move(regex)), behavior_(behavior), on_(on) {}

  void apply(std::vector<std::string>& pieces) const override { cut_pieces(pieces, regex_, behavior_, on_); }

 private:
  Regex regex_;
  SplitBehavior behavior_;
  SplitOn on_;
};

class ByteLevel : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, std::optional<Regex> regex)
      : add_prefix_space_(add_prefix_space), regex_(std::move(regex)) {}

  void apply(std::vector<std::string>& pieces) const override {
    if (add_prefix_space_) {
      for (std::string& piece : pieces) {
        if (piece.front() != ' ') {
          piece.insert(piece.begin(), ' ');
        }
      }
    }
    if (regex_) {
      cut_pieces(pieces, *regex_, SplitBehavior::kIsolated, SplitOn::kMatches);
    }
    for (std::string& piece : pieces) {
      piece = bytes_to_alphabet(piece);
    }
  }

 private:
  bool add_prefix_space_;
  std::optional<Regex> regex_;
};

Regex compile(std::string_view pattern) { return {read_regex_pattern(pattern), pattern}; }

std::unique_ptr<PreTokenizer> read_split(const JsonNode& part) {
  const JsonNode pattern = part.at("pattern");
  const std::string name = part.at("behavior").string();
  const auto behavior = split_behavior(name);
  if (!behavior) {
    part.at("behavior").fail("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
  }
  const SplitOn on = part.at("invert").boolean() ? SplitOn::kGaps : SplitOn::kMatches;
  if (const auto regex = pattern.find("Regex")) {
    return std::make_unique<Split>(compile(regex->string()), *behavior, on);
  }
  const std::string text = pattern.at("String").string();
  return std::make_unique<Split>(Regex(literal_pattern(text), text), *behavior, on);
}

std::unique_ptr<PreTokenizer> read_byte_level(const JsonNode& part) {
  const auto use_regex = part.find("use_regex");
  std::optional<Regex> regex;
  if (!use_regex || use_regex->boolean()) {
    regex = compile(kGpt2Pattern);
  }
  return std::make_unique<ByteLevel>(part.at("add_prefix_space").boolean(), std::move(regex));
}

std::unique_ptr<PreTokenizer> read_digits(const JsonNode& part) {
  const bool each = part.at("individual_digits").boolean();
  RegexPattern pattern;
  pattern.sets = {numeric_characters()};
  pattern.items = {{"", {0}, false}};
  return std::make_unique<Split>(Regex(pattern, "Digits"),
                                 each ? SplitBehavior::kIsolated : SplitBehavior::kContiguous,
                                 SplitOn::kMatches);
}

}  // namespace

std::vector<std::unique_ptr<PreTokenizer>> read_pre_tokenizer(const JsonNode& part) {
  std::vector<std::unique_ptr<PreTokenizer>> steps;
  for (const JsonNode& node : flatten_sequence(part, "pretokenizers")) {
    const std::string type = node.at("type").string();
    if (type == "Split") {
      steps.push_back(read_split(node));
    } else if (type == "ByteLevel") {
      steps.push_back(read_byte_level(node));
    } else if (type == "Digits") {
      steps.push_back(read_digits(node));
    } else {
      refuse_part(node, "pre_tokenizer", "Sequence, Split, ByteLevel or Digits");
    }
  }
  return steps;
}

}  // namespace ttx::hf
