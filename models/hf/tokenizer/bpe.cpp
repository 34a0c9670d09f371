// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/bpe.hpp"

#include <algorithm>
#include <string>

#include "models/hf/tokenizer/bpe_file.hpp"
#include "models/hf/tokenizer/utf8.hpp"

namespace ttx::hf {
namespace {

constexpr std::int32_t kNoToken = -1;
constexpr std::int32_t kNoSymbol = -1;

/// Heap order of the standard library: the "largest" is in front, which is the lowest rank, then the leftmost
/// place.
template <typename Candidate>
bool goes_later(const Candidate& a, const Candidate& b) {
  return a.merge.rank != b.merge.rank ? a.merge.rank > b.merge.rank : a.left > b.left;
}

}  // namespace

Bpe::Bpe(const JsonNode& model)
    : vocabulary_((check_bpe_options(model), model.at("vocab"))),
      merges_(read_merges(model.at("merges"), vocabulary_)) {
  if (const auto ignore_merges = model.find("ignore_merges")) {
    ignore_merges_ = ignore_merges->boolean();
  }
  for (std::size_t c = 0; c < kFastCharacters; ++c) {
    std::string character;
    append_utf8(character, static_cast<char32_t>(c));
    character_ids_[c] = vocabulary_.id(character).value_or(kNoToken);
  }
}

std::int32_t Bpe::character_id(std::string_view piece, std::size_t& at) const {
  const std::size_t begin = at;
  const char32_t c = next_code_point(piece, at);
  if (c < kFastCharacters) {
    return character_ids_[c];
  }
  return vocabulary_.id(piece.substr(begin, at - begin)).value_or(kNoToken);
}

void Bpe::encode(std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const {
  if (ignore_merges_) {
    if (const auto whole = vocabulary_.id(piece)) {
      ids.push_back(*whole);
      return;
    }
  }
  auto& symbols = workspace.symbols_;
  symbols.clear();
  std::size_t at = 0;
  while (at < piece.size()) {
    const std::int32_t id = character_id(piece, at);
    if (id != kNoToken) {
      const auto here = static_cast<std::int32_t>(symbols.size());
      symbols.push_back({id, here - 1, here + 1});
    }
  }
  if (symbols.empty()) {
    return;
  }
  symbols.back().next = kNoSymbol;
  merge_all(workspace);
  for (const auto& symbol : symbols) {
    if (symbol.id != kNoToken) {
      ids.push_back(symbol.id);
    }
  }
}

void Bpe::push_merge(Workspace& workspace, std::int32_t left, std::int32_t right) const {
  if (left == kNoSymbol || right == kNoSymbol) {
    return;
  }
  const auto& symbols = workspace.symbols_;
  const Merge* merge =
      merges_.find(symbols[static_cast<std::size_t>(left)].id, symbols[static_cast<std::size_t>(right)].id);
  if (merge != nullptr) {
    workspace.queue_.push_back({*merge, left});
    std::push_heap(workspace.queue_.begin(), workspace.queue_.end(), goes_later<Workspace::Candidate>);
  }
}

void Bpe::merge_all(Workspace& workspace) const {
  auto& symbols = workspace.symbols_;
  auto& queue = workspace.queue_;
  const auto symbol = [&symbols](std::int32_t index) -> auto& {
    return symbols[static_cast<std::size_t>(index)];
  };
  queue.clear();
  for (std::int32_t left = 0; symbol(left).next != kNoSymbol; ++left) {
    push_merge(workspace, left, left + 1);
  }
  while (!queue.empty()) {
    std::pop_heap(queue.begin(), queue.end(), goes_later<Workspace::Candidate>);
    const Workspace::Candidate next = queue.back();
    queue.pop_back();
    auto& left = symbol(next.left);
    if (left.id == kNoToken || left.next == kNoSymbol) {
      continue;
    }
    // An entry outlives its pair. It still counts when the pair now there makes the same token: several pairs
    // may.
    const std::int32_t right_index = left.next;
    auto& right = symbol(right_index);
    const Merge* now = merges_.find(left.id, right.id);
    if (now == nullptr || now->result != next.merge.result) {
      continue;
    }
    left.id = now->result;
    left.next = right.next;
    right.id = kNoToken;
    if (left.next != kNoSymbol) {
      symbol(left.next).previous = next.left;
    }
    push_merge(workspace, left.previous, next.left);
    push_merge(workspace, next.left, left.next);
  }
}

}  // namespace ttx::hf
