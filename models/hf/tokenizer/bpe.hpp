// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "models/hf/tokenizer/json_node.hpp"
#include "models/hf/tokenizer/merge_table.hpp"
#include "models/hf/tokenizer/vocabulary.hpp"

namespace ttx::hf {

/// Byte pair encoding, the "model" of a tokenizer file.
class Bpe {
 public:
  /// Throws ttx::Error (kCheckpoint) for another type of model, for an option that no byte-level file uses
  /// (dropout, unk_token, byte_fallback, continuing_subword_prefix, end_of_word_suffix), and for a merge
  /// whose parts or result are not in the vocabulary.
  explicit Bpe(const JsonNode& model);

  const Vocabulary& vocabulary() const { return vocabulary_; }

  /// What one call of encode after another works in.
  class Workspace;

  /// Appends the ids of one piece (UTF-8, below 2^31 bytes). A character that is no token adds nothing. Takes
  /// O(n log n) for n characters.
  void encode(std::string_view piece, Workspace& workspace, std::vector<std::int32_t>& ids) const;

 private:
  std::int32_t character_id(std::string_view piece, std::size_t& at) const;
  void push_merge(Workspace& workspace, std::int32_t left, std::int32_t right) const;
  void merge_all(Workspace& workspace) const;

  static constexpr std::size_t kFastCharacters = 512;  // covers the byte alphabet

  Vocabulary vocabulary_;
  MergeTable merges_;
  bool ignore_merges_ = false;
  std::array<std::int32_t, kFastCharacters> character_ids_{};  // kNoToken where there is none
};

class Bpe::Workspace {
  friend class Bpe;

  struct Symbol {
    std::int32_t id;  // kNoToken once it is part of its left neighbour
    std::int32_t previous;
    std::int32_t next;
  };

  struct Candidate {
    Merge merge;
    std::int32_t left;  // index of the left symbol
  };

  std::vector<Symbol> symbols_;
  std::vector<Candidate> queue_;  // a heap, the next merge in front
};

}  // namespace ttx::hf
