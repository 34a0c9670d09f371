// SPDX-License-Identifier: Apache-2.0
#include "launch/synth_merges.hpp"

#include <cstdint>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "launch/synth_values.hpp"

namespace ttx::launch {

namespace {

/// By frequency in English, so that even a small vocabulary joins common pairs.
constexpr std::string_view kLetters = "etaoinshrdlcumwfgypbvkjxqz";
constexpr std::size_t kMostLetters = 10;

/// Grows the list.
class Growth {
 public:
  explicit Growth(std::size_t count) : count_(count) {
    for (const char letter : kLetters) {
      add(" ", std::string(1, letter));
    }
    add_pairs();
    add_random();
  }

  std::vector<SynthMerge> take() { return std::move(list_); }

 private:
  bool add(const std::string& left, const std::string& right) {
    if (list_.size() == count_ || !known_.insert(left + right).second) {
      return false;
    }
    list_.push_back({left, right});
    return true;
  }

  /// All pairs of letters, pairs of frequent ones first.
  void add_pairs() {
    for (std::size_t sum = 0; sum < 2 * kLetters.size() - 1; ++sum) {
      for (std::size_t i = 0; i <= sum; ++i) {
        if (i < kLetters.size() && sum - i < kLetters.size()) {
          add(std::string(1, kLetters[i]), std::string(1, kLetters[sum - i]));
        }
      }
    }
  }

  /// Lengthens known pieces by pairs, in an order that depends on nothing but their number.
  void add_random() {
    const std::size_t short_ones = list_.size();
    std::uint64_t counter = 0;
    while (list_.size() < count_) {
      const std::string left = piece(mix(++counter), list_.size());
      const std::string right = piece(mix(++counter), short_ones);
      if (right.front() != ' ' && left.size() + right.size() <= kMostLetters) {
        add(left, right);
      }
    }
  }

  std::string piece(std::uint64_t random, std::size_t among) const {
    const auto& merge = list_[random % among];
    return merge.left + merge.right;
  }

  std::size_t count_;
  std::vector<SynthMerge> list_;
  std::unordered_set<std::string> known_;
};

}  // namespace

std::vector<SynthMerge> synth_merges(std::size_t count) { return Growth(count).take(); }

}  // namespace ttx::launch
