// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/merge_table.hpp"
#include "models/hf/tokenizer/vocabulary.hpp"

namespace ttx::hf {

/// Byte pair encoding, the "model" of a tokenizer file.
class Bpe {
 public:
  /// Throws ttx::Error (kCheckpoint) for another type of model, for an option that no model here uses
  /// (dropout, continuing_subword_prefix, end_of_word_suffix), and for a merge whose parts or result are not
  /// in the vocabulary.
  explicit Bpe(const JsonNode& model);

  const Vocabulary& vocabulary() const { return vocabulary_; }

  /// What one call of encode after another works in.
  class Workspace;

  /// Appends the ids of one piece (UTF-8, below 2^31 bytes). A character that is no token becomes the tokens
  /// of its bytes, <0xE2>, with byte_fallback and where all of them are there; else unk_token, one for a run
  /// of such characters with fuse_unk; without an unk_token it adds nothing. Takes O(n log n) for n
  /// characters. Throws ttx::Error (kCheckpoint) when unk_token is needed and not in the vocabulary.
  void encode(std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const;

 private:
  std::int32_t character_id(std::string_view piece, std::size_t begin, std::size_t& at) const;
  bool push_bytes(std::string_view character, Workspace& workspace) const;
  std::int32_t unk_id() const;
  void push_merge(Workspace& workspace, std::int32_t left, std::int32_t right) const;
  void merge_all(Workspace& workspace) const;

  static constexpr std::size_t kFastCharacters = 512;  // covers the byte alphabet

  Vocabulary vocabulary_;
  MergeTable merges_;
  bool ignore_merges_ = false;
  bool fuse_unk_ = false;
  std::string unk_token_;               // empty: none
  std::vector<std::int32_t> byte_ids_;  // kNoToken where there is none; empty without byte_fallback
  std::array<std::int32_t, kFastCharacters> character_ids_{};  // kNoToken where there is none
};

class Bpe::Workspace {
 public:
  /// Pairs that were considered for merging, over all calls: the measure of the work done.
  std::size_t candidates() const { return candidates_; }

 private:
  friend class Bpe;

  struct Symbol {
    std::int32_t id;  // kNoToken once it is part of its left neighbour
    std::int32_t previous;
    std::int32_t next;
  };

  void push_symbol(std::int32_t id);

  struct Candidate {
    Merge merge;
    std::int32_t left;  // index of the left symbol
  };

  std::vector<Symbol> symbols_;
  std::vector<Candidate> queue_;  // a heap, the next merge in front
  std::size_t candidates_ = 0;
};

}  // namespace ttx::hf
