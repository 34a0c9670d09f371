// SPDX-License-Identifier: Apache-2.0
#include "runtime/ledger.hpp"

#include <algorithm>
#include <mutex>

namespace ttx {

namespace {
constexpr std::size_t kUses = 4;

constexpr std::size_t index_of(MemoryUse use) { return static_cast<std::size_t>(use); }
}  // namespace

struct Ledger::State {
  mutable std::mutex mutex;
  std::array<Entry, kUses> uses{};
  Entry total{};

  void add(MemoryUse use, std::int64_t bytes) {
    const std::lock_guard lock(mutex);
    for (Entry* entry : {&uses[index_of(use)], &total}) {
      entry->current += bytes;
      entry->peak = std::max(entry->peak, entry->current);
    }
  }
};

class Ledger::Claim {
 public:
  Claim(std::shared_ptr<State> state, MemoryUse use, std::int64_t bytes)
      : state_(std::move(state)), use_(use), bytes_(bytes) {
    state_->add(use_, bytes_);
  }
  ~Claim() { state_->add(use_, -bytes_); }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  std::shared_ptr<State> state_;
  MemoryUse use_;
  std::int64_t bytes_;
};

std::string_view to_string(MemoryUse use) {
  switch (use) {
    case MemoryUse::kWeights:
      return "weights";
    case MemoryUse::kTables:
      return "tables";
    case MemoryUse::kKvCache:
      return "kv_cache";
    case MemoryUse::kActivations:
      return "activations";
  }
  return "?";
}

Ledger::Ledger() : state_(std::make_shared<State>()) {}

std::shared_ptr<const void> Ledger::claim(MemoryUse use, std::int64_t bytes) {
  return std::make_shared<const Claim>(state_, use, bytes);
}

Ledger::Entry Ledger::entry(MemoryUse use) const {
  const std::lock_guard lock(state_->mutex);
  return state_->uses[index_of(use)];
}

Ledger::Entry Ledger::total() const {
  const std::lock_guard lock(state_->mutex);
  return state_->total;
}

}  // namespace ttx
