// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/symbol_map.hpp"

#include "runtime/error.hpp"

namespace ttx::hf {
namespace {

constexpr std::uint32_t kNone = ~std::uint32_t{0};

struct Part {
  std::size_t code_points = 0;
  std::vector<std::size_t> sets;  // that contain it
};

}  // namespace

SymbolMap::SymbolMap(std::span<const CodePointSet> sets) {
  std::vector<std::uint32_t> part_of(kLastCodePoint + 1, 0);
  std::vector<Part> parts(1);
  parts[0].code_points = part_of.size();
  std::size_t live = 1;
  for (std::size_t set = 0; set < sets.size(); ++set) {
    std::vector<std::uint32_t> share(parts.size(), kNone);  // of each part, what lies inside this set
    for (const CodePointRange range : sets[set].ranges()) {
      for (char32_t c = range.first; c <= range.last; ++c) {
        const std::uint32_t part = part_of[c];
        if (share[part] == kNone) {
          share[part] = static_cast<std::uint32_t>(parts.size());
          parts.push_back({0, parts[part].sets});
          parts.back().sets.push_back(set);
          ++live;
        }
        part_of[c] = share[part];
        ++parts[share[part]].code_points;
        if (--parts[part].code_points == 0) {
          --live;
        }
      }
    }
    TTX_CHECK_AS(
        live <= kMaxSymbols, ExitCode::kCheckpoint, "tokenizer",
        "a regex tells too many kinds of characters apart: got {}, expected at most {}; use a simpler regex",
        live, kMaxSymbols);
  }

  std::vector<std::uint8_t> symbol_of_part(parts.size(), 0);
  of_set_.resize(sets.size());
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (parts[part].code_points == 0) {
      continue;
    }
    const auto symbol = static_cast<std::uint8_t>(count_++);
    symbol_of_part[part] = symbol;
    for (const std::size_t set : parts[part].sets) {
      of_set_[set].push_back(symbol);
    }
  }
  symbols_.resize(part_of.size());
  for (std::size_t c = 0; c < part_of.size(); ++c) {
    symbols_[c] = symbol_of_part[part_of[c]];
  }
}

}  // namespace ttx::hf
