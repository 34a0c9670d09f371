// SPDX-License-Identifier: Apache-2.0
#include "models/hf/tokenizer/merge_table.hpp"

#include <bit>

namespace ttx::hf {
namespace {

constexpr std::uint64_t kFree = ~std::uint64_t{0};     // no pair of ids that are not negative
constexpr std::uint64_t kSpread = 0x9E3779B97F4A7C15;  // 2^64 over the golden ratio: Fibonacci hashing

std::uint64_t key(std::int32_t left, std::int32_t right) {
  return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(left)) << 32) |
         static_cast<std::uint32_t>(right);
}

}  // namespace

MergeTable::MergeTable(std::size_t pairs)
    : entries_(std::bit_ceil(pairs * 2 + 2), Entry{kFree, {0, 0}}),
      shift_(64 - std::countr_zero(entries_.size())) {}

/// The slot that holds the pair, or the free one where it belongs; half of the slots are free, so the walk
/// ends.
std::size_t MergeTable::slot(std::uint64_t pair) const {
  std::size_t at = static_cast<std::size_t>((pair * kSpread) >> shift_);
  while (entries_[at].pair != kFree && entries_[at].pair != pair) {
    at = (at + 1) & (entries_.size() - 1);
  }
  return at;
}

void MergeTable::set(std::int32_t left, std::int32_t right, Merge merge) {
  const std::uint64_t pair = key(left, right);
  entries_[slot(pair)] = {pair, merge};
}

const Merge* MergeTable::find(std::int32_t left, std::int32_t right) const {
  const Entry& entry = entries_[slot(key(left, right))];
  return entry.pair == kFree ? nullptr : &entry.merge;
}

}  // namespace ttx::hf
