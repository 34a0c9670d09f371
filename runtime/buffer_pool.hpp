// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "runtime/memory_block.hpp"

namespace ttx {

/// Keeps the memory of activations and scratch that were given back, for the next op: a decode step then
/// allocates nothing and touches no fresh page. At most kKeep bytes are kept; the largest go first.
class BufferPool {
 public:
  static constexpr std::size_t kKeep = std::size_t{64} << 20;

  /// At least `bytes` bytes, uninitialised.
  MemoryBlock take(std::size_t bytes);
  void give_back(MemoryBlock block);
  /// Bytes kept for later.
  std::size_t kept() const;

 private:
  /// Four sizes for every power of two that a size can lie between, from a page on.
  static constexpr std::size_t kClasses = 4 * (64 - 12) + 1;

  mutable std::mutex mutex_;
  std::array<std::vector<MemoryBlock>, kClasses> free_;  ///< by size, rising
  std::size_t kept_ = 0;
};

/// A buffer of the pool for the length of a scope.
class Scratch {
 public:
  Scratch(BufferPool& pool, std::size_t bytes) : pool_(pool), block_(pool.take(bytes)) {}
  ~Scratch() { pool_.give_back(std::move(block_)); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(block_.data());
  }

 private:
  BufferPool& pool_;
  MemoryBlock block_;
};

}  // namespace ttx
