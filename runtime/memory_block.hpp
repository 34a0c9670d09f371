// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "runtime/ledger.hpp"

namespace ttx {

/// Memory of this process, 64-byte aligned, given back when the object dies. Move-only.
class MemoryBlock {
 public:
  MemoryBlock() = default;
  /// Uninitialised. Large blocks ask for huge pages. Throws Error when there is no memory. What it is for is
  /// known to held_memory.
  static MemoryBlock allocate(std::size_t bytes, MemoryUse use = MemoryUse::kActivations);
  /// Zeros: address space only, memory where touched. Throws Error when the address space cannot be had.
  static MemoryBlock reserve(std::size_t bytes, MemoryUse use = MemoryUse::kKvCache);
  /// Bytes of somebody else's, who stays alive for as long as the block does. They are only read.
  static MemoryBlock view(std::span<const std::byte> bytes, std::shared_ptr<const void> owner);

  ~MemoryBlock();
  MemoryBlock(MemoryBlock&& other) noexcept;
  MemoryBlock& operator=(MemoryBlock&& other) noexcept;

  std::byte* data() const { return data_; }
  std::size_t size() const { return size_; }

 private:
  enum class From { kNothing, kHeap, kMap };  ///< a view has nothing to give back
  static std::byte* map(std::size_t bytes);

  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  From from_ = From::kNothing;
  std::byte* mapped_ = nullptr;  ///< where the mapping begins; data_ is the first aligned byte of it
  std::size_t mapped_size_ = 0;
  std::shared_ptr<const void> owner_;  ///< of a view
};

}  // namespace ttx
