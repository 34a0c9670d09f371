// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ttx::hf {

/// What becomes of two neighbouring tokens: the lower rank goes first, `result` is the joined token.
struct Merge {
  std::uint32_t rank;
  std::int32_t result;
};

/// Merges by pair of token ids. A flat hash table with open addressing: this look-up is what BPE spends its
/// time on.
class MergeTable {
 public:
  /// Room for `pairs` pairs.
  explicit MergeTable(std::size_t pairs);

  /// A pair set twice keeps the later merge, as in the tokenizers library. Ids are not negative.
  void set(std::int32_t left, std::int32_t right, Merge merge);
  /// nullptr when the pair does not merge.
  const Merge* find(std::int32_t left, std::int32_t right) const;

 private:
  struct Entry {
    std::uint64_t pair;
    Merge merge;
  };

  std::size_t slot(std::uint64_t pair) const;

  std::vector<Entry> entries_;
  int shift_;
};

}  // namespace ttx::hf
