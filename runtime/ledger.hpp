// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace ttx {

/// What a piece of device memory is for.
enum class MemoryUse { kWeights, kTables, kKvCache, kActivations };  ///< kTables: rotary ones
std::string_view to_string(MemoryUse use);

/// DRAM of one device, as TTNN would allocate it: padded to tiles in TILE layout, in the device's dtype. It
/// counts what the hardware would hold, not what this process holds (a KV cache counts in full here and costs
/// memory where touched).
class Ledger {
 public:
  struct Entry {
    std::int64_t current = 0;  ///< bytes
    std::int64_t peak = 0;     ///< bytes
  };
  class Claim;

  Ledger();
  Claim claim(MemoryUse use, std::int64_t bytes);
  Entry entry(MemoryUse use) const;
  /// Current and peak of the sum over all uses.
  Entry total() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Bytes held for as long as it lives. Move-only; one that was moved from, or made of nothing, holds none.
class Ledger::Claim {
 public:
  Claim() = default;
  ~Claim();
  Claim(Claim&& other) noexcept = default;
  Claim& operator=(Claim&& other) noexcept;

 private:
  friend class Ledger;
  Claim(std::shared_ptr<State> state, MemoryUse use, std::int64_t bytes);

  std::shared_ptr<State> state_;
  MemoryUse use_ = MemoryUse::kActivations;
  std::int64_t bytes_ = 0;
};

}  // namespace ttx
