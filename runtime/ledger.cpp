// SPDX-License-Identifier: Apache-2.0
#include "runtime/ledger.hpp"

#include <array>
#include <atomic>
#include <utility>

namespace ttx {

namespace {
constexpr std::size_t kUses = 4;

constexpr std::size_t index_of(MemoryUse use) { return static_cast<std::size_t>(use); }
}  // namespace

/// Every op counts here, so there is no lock: what is read while others count is one moment of each number.
struct Ledger::State {
  struct Counter {
    std::atomic<std::int64_t> current{0};
    std::atomic<std::int64_t> peak{0};

    void add(std::int64_t bytes) {
      const std::int64_t now = current.fetch_add(bytes, std::memory_order_relaxed) + bytes;
      std::int64_t most = peak.load(std::memory_order_relaxed);
      while (now > most && !peak.compare_exchange_weak(most, now, std::memory_order_relaxed)) {
      }
    }
    Entry entry() const {
      return {current.load(std::memory_order_relaxed), peak.load(std::memory_order_relaxed)};
    }
  };
  std::array<Counter, kUses> uses;
  Counter total;

  void add(MemoryUse use, std::int64_t bytes) {
    uses[index_of(use)].add(bytes);
    total.add(bytes);
  }
};

Ledger::Claim::Claim(std::shared_ptr<State> state, MemoryUse use, std::int64_t bytes)
    : state_(std::move(state)), use_(use), bytes_(bytes) {
  state_->add(use_, bytes_);
}

Ledger::Claim::~Claim() {
  if (state_ != nullptr) {
    state_->add(use_, -bytes_);
  }
}

Ledger::Claim& Ledger::Claim::operator=(Claim&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(use_, other.use_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

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

Ledger::Claim Ledger::claim(MemoryUse use, std::int64_t bytes) { return {state_, use, bytes}; }

Ledger::Entry Ledger::entry(MemoryUse use) const { return state_->uses[index_of(use)].entry(); }

Ledger::Entry Ledger::total() const { return state_->total.entry(); }

}  // namespace ttx
