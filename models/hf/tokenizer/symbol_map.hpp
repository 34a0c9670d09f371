// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/hf/tokenizer/code_point_set.hpp"

namespace ttx::hf {

/// Cuts Unicode by a list of sets: code points that no set of the list tells apart share one symbol. A
/// pattern that names only those sets matches a text exactly when it matches the text's symbols, so the regex
/// engine sees one byte per code point and its own idea of Unicode plays no part.
class SymbolMap {
 public:
  static constexpr std::size_t kMaxSymbols = 256;

  /// Throws ttx::Error (kCheckpoint) when the sets cut Unicode into more than kMaxSymbols parts.
  explicit SymbolMap(std::span<const CodePointSet> sets);

  std::uint8_t symbol(char32_t code_point) const { return symbols_[code_point]; }
  std::size_t symbol_count() const { return count_; }

  /// The symbols that make up set number `set` of the constructor's list, ascending.
  const std::vector<std::uint8_t>& symbols_of(std::size_t set) const { return of_set_[set]; }

 private:
  std::vector<std::uint8_t> symbols_;  // by code point
  std::vector<std::vector<std::uint8_t>> of_set_;
  std::size_t count_ = 0;
};

}  // namespace ttx::hf
