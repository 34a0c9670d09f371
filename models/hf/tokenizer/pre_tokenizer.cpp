// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/pre_tokenizer.hpp"

#include <optional>
#include <utility>

#include "models/hf/tokenizer/byte_alphabet.hpp"
#include "models/hf/tokenizer/metaspace.hpp"
#include "models/hf/tokenizer/regex.hpp"
#include "models/hf/tokenizer/split.hpp"
#include "models/hf/tokenizer/text_pattern.hpp"

namespace ttx::hf {
namespace {

// GPT-2's pattern, from its encoder.py; ByteLevel cuts with it unless use_regex is false.
constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";

/// `find` gives the matches in a text.
template <typename Find>
void cut_pieces(std::vector<Piece>& pieces, const Find& find, SplitBehavior behavior, SplitOn on) {
  std::vector<Piece> cut;
  cut.reserve(pieces.size());
  for (const Piece& piece : pieces) {
    for (const TextSpan span : split(piece.text.size(), find(piece.text), behavior, on)) {
      if (span.begin != span.end) {
        cut.push_back(
            {piece.text.substr(span.begin, span.end - span.begin), piece.at_start && span.begin == 0});
      }
    }
  }
  pieces = std::move(cut);
}

class Split final : public PreTokenizer {
 public:
  Split(TextPattern pattern, SplitBehavior behavior, SplitOn on)
      : pattern_(std::move(pattern)), behavior_(behavior), on_(on) {}

  void apply(std::vector<Piece>& pieces) const override {
    cut_pieces(
        pieces, [this](std::string_view text) { return pattern_.find_all(text); }, behavior_, on_);
  }

 private:
  TextPattern pattern_;
  SplitBehavior behavior_;
  SplitOn on_;
};

class Digits final : public PreTokenizer {
 public:
  explicit Digits(bool individual) : individual_(individual) {
    RegexPattern pattern;
    pattern.sets = {numeric_characters()};
    pattern.items = {{"", {0}, false}};
    digit_.emplace(pattern, "Digits");
  }

  void apply(std::vector<Piece>& pieces) const override {
    cut_pieces(
        pieces, [this](std::string_view text) { return digit_->find_all(text); },
        individual_ ? SplitBehavior::kIsolated : SplitBehavior::kContiguous, SplitOn::kMatches);
  }

 private:
  bool individual_;
  std::optional<Regex> digit_;
};

class ByteLevel final : public PreTokenizer {
 public:
  ByteLevel(bool add_prefix_space, std::optional<Regex> regex)
      : add_prefix_space_(add_prefix_space), regex_(std::move(regex)) {}

  void apply(std::vector<Piece>& pieces) const override {
    if (add_prefix_space_) {
      for (Piece& piece : pieces) {
        if (piece.text.front() != ' ') {
          piece.text.insert(piece.text.begin(), ' ');
        }
      }
    }
    if (regex_) {
      cut_pieces(
          pieces, [this](std::string_view text) { return regex_->find_all(text); }, SplitBehavior::kIsolated,
          SplitOn::kMatches);
    }
    for (Piece& piece : pieces) {
      piece.text = bytes_to_alphabet(piece.text);
    }
  }

 private:
  bool add_prefix_space_;
  std::optional<Regex> regex_;
};

std::unique_ptr<PreTokenizer> read_split(const JsonNode& part) {
  const auto behavior = split_behavior(part.at("behavior").string());
  if (!behavior) {
    part.at("behavior").fail("Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous");
  }
  return std::make_unique<Split>(TextPattern(part.at("pattern")), *behavior,
                                 part.at("invert").boolean() ? SplitOn::kGaps : SplitOn::kMatches);
}

std::unique_ptr<PreTokenizer> read_byte_level(const JsonNode& part) {
  const auto use_regex = part.find("use_regex");
  std::optional<Regex> regex;
  if (!use_regex || use_regex->boolean()) {
    regex.emplace(read_regex_pattern(kGpt2Pattern), kGpt2Pattern);
  }
  return std::make_unique<ByteLevel>(part.at("add_prefix_space").boolean(), std::move(regex));
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
      steps.push_back(std::make_unique<Digits>(node.at("individual_digits").boolean()));
    } else if (type == "Metaspace") {
      steps.push_back(std::make_unique<MetaspacePreTokenizer>(read_metaspace(node)));
    } else {
      refuse_part(node, "pre_tokenizer", "Sequence, Split, ByteLevel, Digits or Metaspace");
    }
  }
  return steps;
}

}  // namespace ttx::hf
