// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/bpe.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "models/hf/tokenizer/bpe_file.hpp"
#include "models/hf/tokenizer/utf8.hpp"
#include "runtime/error.hpp"

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
  const auto flag = [&model](const char* name) {
    const auto value = model.find(name);
    return value && value->boolean();
  };
  ignore_merges_ = flag("ignore_merges");
  fuse_unk_ = flag("fuse_unk");
  if (const auto unk = model.find("unk_token")) {
    unk_token_ = unk->string();
  }
  if (flag("byte_fallback")) {
    for (int byte = 0; byte < 256; ++byte) {
      byte_ids_.push_back(vocabulary_.id(fmt::format("<0x{:02X}>", byte)).value_or(kNoToken));
    }
  }
  for (std::size_t c = 0; c < kFastCharacters; ++c) {
    std::string character;
    append_utf8(character, static_cast<char32_t>(c));
    character_ids_[c] = vocabulary_.id(character).value_or(kNoToken);
  }
}

std::int32_t Bpe::character_id(std::string_view piece, std::size_t begin, std::size_t& at) const {
  const char32_t c = next_code_point(piece, at);
  if (c < kFastCharacters) {
    return character_ids_[c];
  }
  return vocabulary_.id(piece.substr(begin, at - begin)).value_or(kNoToken);
}

void Bpe::Workspace::push_symbol(std::int32_t id) {
  const auto here = static_cast<std::int32_t>(symbols_.size());
  symbols_.push_back({id, here - 1, here + 1});
}

bool Bpe::push_bytes(std::string_view character, Workspace& workspace) const {
  const auto id_of = [this](char byte) { return byte_ids_[static_cast<unsigned char>(byte)]; };
  if (byte_ids_.empty() ||
      std::any_of(character.begin(), character.end(), [&](char byte) { return id_of(byte) == kNoToken; })) {
    return false;
  }
  for (const char byte : character) {
    workspace.push_symbol(id_of(byte));
  }
  return true;
}

std::int32_t Bpe::unk_id() const {
  const auto id = vocabulary_.id(unk_token_);
  TTX_CHECK_AS(
      id, ExitCode::kCheckpoint, "tokenizer",
      "a character of the text is no token: got unk_token \"{}\", expected it in the vocabulary; the "
      "file is damaged",
      unk_token_);
  return *id;
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
  // The unk token waits for the next character that is a token: tokens of bytes overtake it, as in the
  // tokenizers library.
  bool unk_waits = false;
  while (at < piece.size()) {
    const std::size_t begin = at;
    const std::int32_t id = character_id(piece, begin, at);
    if (id != kNoToken) {
      if (std::exchange(unk_waits, false)) {
        workspace.push_symbol(unk_id());
      }
      workspace.push_symbol(id);
    } else if (!push_bytes(piece.substr(begin, at - begin), workspace) && !unk_token_.empty()) {
      if (unk_waits && !fuse_unk_) {
        workspace.push_symbol(unk_id());
      }
      unk_waits = true;
    }
  }
  if (unk_waits) {
    workspace.push_symbol(unk_id());
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
  ++workspace.candidates_;
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
