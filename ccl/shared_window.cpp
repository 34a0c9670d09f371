// SPDX-License-Identifier: Apache-2.0
#include "ccl/shared_window.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <utility>

namespace ttx::ccl {

struct SharedWindow::Words {
  SharedWord open;      ///< the last meeting to which all have come
  SharedWord finished;  ///< the last meeting whose tasks are all done; only set where there are several
  SharedWord sleepers;
  struct Counters {
    SharedWord arrived;
    SharedWord taken;
    SharedWord done;
  };
  std::array<Counters, 2> counters;
};

WindowLayout WindowLayout::of(int ranks) {
  WindowLayout layout;
  layout.ranks = ranks;
  // Two parities of a slot per rank and half a slot.
  const std::size_t most = (kMostBytes - 2 * kPage) / (2 * static_cast<std::size_t>(ranks) + 1);
  layout.slot_bytes = std::min(kSlotBytes, most / (2 * kPage) * (2 * kPage));
  layout.result_bytes = layout.slot_bytes / 2;
  return layout;
}

std::size_t WindowLayout::slot_offset(std::size_t parity, int rank) const {
  // A rank's two slots side by side: one stretch to touch first.
  return kPage + (2 * static_cast<std::size_t>(rank) + parity) * slot_bytes;
}

std::size_t WindowLayout::result_offset(std::size_t parity) const {
  return slot_offset(0, ranks) + parity * result_bytes;
}

std::size_t WindowLayout::bytes() const { return result_offset(2); }

SharedWindow::SharedWindow(std::byte* memory, const WindowLayout& layout, int rank,
                           std::function<void()> idle)
    : memory_(memory), layout_(layout), rank_(rank), idle_(std::move(idle)) {}

void SharedWindow::prepare(std::byte* memory) {
  static_assert(sizeof(Words) <= WindowLayout::kPage);
  new (memory) Words;
}

SharedWindow::Words& SharedWindow::words() const { return *std::launder(reinterpret_cast<Words*>(memory_)); }

bool SharedWindow::arrive() {
  Words& w = words();
  SharedWord& arrived = w.counters[parity()].arrived;
  const auto ranks = static_cast<std::uint32_t>(layout_.ranks);
  if (arrived.value.fetch_add(1, std::memory_order_acq_rel) + 1 != ranks) {
    return false;
  }
  // All have left the meeting before, none has come to the next: the counters that it will use are free.
  Words::Counters& next = w.counters[1 - parity()];
  for (SharedWord* word : {&next.arrived, &next.taken, &next.done}) {
    word->value.store(0, std::memory_order_relaxed);
  }
  return true;
}

void SharedWindow::open() {
  Words& w = words();
  publish(w.open, meeting_, w.sleepers);
}

void SharedWindow::wait_until_open() {
  Words& w = words();
  wait_for(w.open, meeting_, w.sleepers, idle_);
}

int SharedWindow::take_task() {
  return static_cast<int>(words().counters[parity()].taken.value.fetch_add(1, std::memory_order_relaxed));
}

bool SharedWindow::task_done(int count) {
  Words& w = words();
  const auto all = static_cast<std::uint32_t>(count);
  if (w.counters[parity()].done.value.fetch_add(1, std::memory_order_acq_rel) + 1 != all) {
    return false;
  }
  publish(w.finished, meeting_, w.sleepers);
  return true;
}

void SharedWindow::wait_until_done() {
  Words& w = words();
  wait_for(w.finished, meeting_, w.sleepers, idle_);
}

}  // namespace ttx::ccl
