// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/post_processor.hpp"

#include <string>
#include <utility>

#include "models/hf/tokenizer/vocabulary.hpp"
#include "runtime/error.hpp"

namespace ttx::hf {

PostProcessor::PostProcessor(const JsonNode& part) {
  bool has_template = false;
  for (const JsonNode& node : flatten_sequence(part, "processors")) {
    const std::string type = node.at("type").string();
    if (type == "TemplateProcessing") {
      TTX_CHECK_AS(
          !has_template, ExitCode::kCheckpoint, "tokenizer",
          "two TemplateProcessing steps are not supported: got the second at {}, expected one; join them",
          node.place());
      has_template = true;
      read_template(node);
    } else if (type != "ByteLevel") {
      refuse_part(node, "post_processor", "Sequence, TemplateProcessing or ByteLevel");
    }
  }
}

PostProcessor::PostProcessor(std::vector<std::int32_t> before, std::vector<std::int32_t> behind)
    : pieces_({{false, std::move(before)}, {true, {}}, {false, std::move(behind)}}) {}

void PostProcessor::read_template(const JsonNode& part) {
  const JsonNode known = part.at("special_tokens");
  pieces_.clear();
  for (const JsonNode& node : part.at("single").elements()) {
    if (const auto sequence = node.find("Sequence")) {
      const JsonNode id = sequence->at("id");
      if (id.string() != "A") {
        id.fail("\"A\", the only sequence of a single text");
      }
      pieces_.push_back({true, {}});
      continue;
    }
    Piece piece{false, {}};
    for (const JsonNode& id : known.at(node.at("SpecialToken").at("id").string()).at("ids").elements()) {
      piece.ids.push_back(static_cast<std::int32_t>(id.integer(kTokenIdLimit - 1)));
    }
    pieces_.push_back(std::move(piece));
  }
}

std::vector<std::int32_t> PostProcessor::prefix() const {
  std::vector<std::int32_t> ids;
  for (const Piece& piece : pieces_) {
    if (piece.is_text) {
      break;
    }
    ids.insert(ids.end(), piece.ids.begin(), piece.ids.end());
  }
  return ids;
}

std::vector<std::int32_t> PostProcessor::apply(const std::vector<std::int32_t>& ids,
                                               AddSpecialTokens add) const {
  std::vector<std::int32_t> all;
  all.reserve(ids.size() + pieces_.size());
  for (const Piece& piece : pieces_) {
    if (piece.is_text) {
      all.insert(all.end(), ids.begin(), ids.end());
    } else if (add == AddSpecialTokens::kYes) {
      all.insert(all.end(), piece.ids.begin(), piece.ids.end());
    }
  }
  return all;
}

}  // namespace ttx::hf
