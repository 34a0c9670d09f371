// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "ccl/waiting.hpp"

namespace ttx::ccl {

/// How a window's bytes lie: words, then for each of two parities a slot per rank and a place for one result.
struct WindowLayout {
  int ranks = 1;
  std::size_t slot_bytes = 0;    ///< a multiple of a page
  std::size_t result_bytes = 0;  ///< half a slot

  static constexpr std::size_t kPage = 4096;
  /// Slots of at most kSlotBytes, smaller for many ranks: a window stays within kMostBytes.
  static constexpr std::size_t kSlotBytes = 256 * 1024;
  static constexpr std::size_t kMostBytes = 16 * 1024 * 1024;
  static WindowLayout of(int ranks);

  std::size_t slot_offset(std::size_t parity, int rank) const;
  std::size_t result_offset(std::size_t parity) const;
  std::size_t bytes() const;
};

/// Ranks that meet in memory which all of them map. Their meetings are numbered; meeting s uses the slots,
/// the result and the counters of parity s mod 2. A rank
///   1. calls next(), writes its own slot,
///   2. calls meet() or share(), where it waits for all others once,
///   3. reads the slots or the result, and may go on.
/// One wait is enough: who writes into slots of meeting s + 2 has left s + 1, so all have come to s + 1, so
/// nobody reads those of s any more.
class SharedWindow {
 public:
  /// `memory` holds layout.bytes() bytes, on a page; all ranks map the same. `idle` is called now and then
  /// while a wait is long. Rank 0 calls prepare(memory) before anyone calls next().
  SharedWindow(std::byte* memory, const WindowLayout& layout, int rank, std::function<void()> idle);
  static void prepare(std::byte* memory);

  const WindowLayout& layout() const { return layout_; }
  int rank() const { return rank_; }

  void next() { ++meeting_; }
  std::byte* slot(int rank) const { return memory_ + layout_.slot_offset(parity(), rank); }
  std::byte* result() const { return memory_ + layout_.result_offset(parity()); }

  /// Returns when all ranks have come; what they wrote before can be read.
  void meet() {
    share(0, [](int) {});
  }

  /// As meet; then tasks 0 .. count - 1 are done once each, by whoever is free, and it returns when all are
  /// done and what they wrote can be read. All ranks give the same count. A single task is done by the last
  /// to come, before anyone else goes on.
  template <typename Task>
  void share(int count, Task task) {
    if (count <= 1) {
      if (arrive()) {
        if (count == 1) {
          task(0);
        }
        open();
      } else {
        wait_until_open();
      }
      return;
    }
    if (arrive()) {
      open();
    } else {
      wait_until_open();
    }
    for (int taken = take_task(); taken < count; taken = take_task()) {
      task(taken);
      if (task_done(count)) {
        return;
      }
    }
    wait_until_done();
  }

 private:
  struct Words;

  std::size_t parity() const { return meeting_ % 2; }
  Words& words() const;
  /// Whether this is the last to come.
  bool arrive();
  void open();
  void wait_until_open();
  int take_task();
  /// Whether that was the last of them.
  bool task_done(int count);
  void wait_until_done();

  std::byte* memory_;
  WindowLayout layout_;
  int rank_;
  std::function<void()> idle_;
  std::uint32_t meeting_ = 0;
};

}  // namespace ttx::ccl
