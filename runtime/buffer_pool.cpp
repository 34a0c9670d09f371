// SPDX-License-Identifier: Apache-2.0
#include "runtime/buffer_pool.hpp"

#include <bit>
#include <utility>

namespace ttx {

namespace {

/// Four sizes per power of two, so that sizes that differ a little share their buffers.
std::size_t size_class(std::size_t bytes) {
  constexpr std::size_t kSmallest = 4096;
  if (bytes <= kSmallest) {
    return kSmallest;
  }
  const std::size_t step = std::bit_floor(bytes - 1) / 4;
  return (bytes + step - 1) / step * step;
}

}  // namespace

MemoryBlock BufferPool::take(std::size_t bytes) {
  const std::size_t size = size_class(bytes);
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = free_.find(size); found != free_.end() && !found->second.empty()) {
      MemoryBlock block = std::move(found->second.back());
      found->second.pop_back();
      kept_ -= size;
      return block;
    }
  }
  return MemoryBlock::allocate(size);
}

void BufferPool::give_back(MemoryBlock block) {
  const std::size_t size = block.size();
  if (size == 0) {
    return;
  }
  const std::lock_guard lock(mutex_);
  free_[size].push_back(std::move(block));
  kept_ += size;
  while (kept_ > kKeep) {
    const auto largest = std::prev(free_.end());
    if (largest->second.empty()) {
      free_.erase(largest);
      continue;
    }
    kept_ -= largest->first;
    largest->second.pop_back();
  }
}

std::size_t BufferPool::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

}  // namespace ttx
