// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/metaspace.hpp"

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

std::string replaced(std::string_view text, std::string_view what, std::string_view by) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find(what); at != std::string_view::npos; at = text.find(what, done)) {
    out.append(text.substr(done, at - done)).append(by);
    done = at + what.size();
  }
  return out.append(text.substr(done));
}

Metaspace::Prepend read_prepend(const JsonNode& part) {
  const auto scheme = part.find("prepend_scheme");
  const auto old = part.find("add_prefix_space");
  const bool old_never = old && !old->boolean();
  if (!scheme) {
    return old_never ? Metaspace::Prepend::kNever : Metaspace::Prepend::kAlways;
  }
  const std::string name = scheme->string();
  if (old_never && name != "never") {
    scheme->fail("\"never\", for add_prefix_space is false");
  }
  if (name == "always") {
    return Metaspace::Prepend::kAlways;
  }
  if (name == "first") {
    return Metaspace::Prepend::kFirst;
  }
  if (name != "never") {
    scheme->fail("always, first or never");
  }
  return Metaspace::Prepend::kNever;
}

}  // namespace

Metaspace read_metaspace(const JsonNode& part) {
  Metaspace metaspace;
  const JsonNode replacement = part.at("replacement");
  metaspace.replacement = replacement.string();
  std::size_t end = 0;
  if (!metaspace.replacement.empty()) {
    next_code_point(metaspace.replacement, end);
  }
  if (end == 0 || end != metaspace.replacement.size()) {
    replacement.fail("one character");
  }
  metaspace.prepend = read_prepend(part);
  if (const auto split = part.find("split")) {
    metaspace.split = split->boolean();
  }
  return metaspace;
}

void MetaspacePreTokenizer::apply(std::vector<Piece>& pieces) const {
  const std::string& mark = metaspace_.replacement;
  std::vector<Piece> cut;
  for (const Piece& piece : pieces) {
    std::string text = replaced(piece.text, " ", mark);
    const bool prepends = metaspace_.prepend == Metaspace::Prepend::kAlways ||
                          (metaspace_.prepend == Metaspace::Prepend::kFirst && piece.at_start);
    if (prepends && !text.starts_with(mark)) {
      text.insert(0, mark);
    }
    if (!metaspace_.split) {
      cut.push_back({std::move(text), piece.at_start});
      continue;
    }
    for (std::size_t begin = 0; begin < text.size();) {
      std::size_t behind = begin;
      next_code_point(text, behind);
      const std::size_t stop = std::min(text.find(mark, behind), text.size());
      cut.push_back({text.substr(begin, stop - begin), piece.at_start && begin == 0});
      begin = stop;
    }
  }
  pieces = std::move(cut);
}

void decode_metaspace(const Metaspace& metaspace, std::vector<std::string>& tokens) {
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool drops = i == 0 && metaspace.prepend != Metaspace::Prepend::kNever;
    tokens[i] = replaced(tokens[i], metaspace.replacement, drops ? "" : " ");
  }
}

}  // namespace ttx::hf
