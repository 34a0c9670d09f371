// SPDX-License-Identifier: Apache-2.0
#include "runtime/buffer_pool.hpp"

#include <bit>
#include <utility>

namespace ttx {

namespace {

constexpr std::size_t kSmallest = 4096;
constexpr std::size_t kSmallestWidth = 12;  // of kSmallest - 1

/// Four sizes per power of two, so that sizes that differ a little share their buffers.
struct SizeClass {
  std::size_t bytes;
  std::size_t index;

  static SizeClass of(std::size_t wanted) {
    if (wanted <= kSmallest) {
      return {kSmallest, 0};
    }
    const std::size_t below = std::bit_floor(wanted - 1);
    const std::size_t quarters = (wanted + below / 4 - 1) / (below / 4);  // 5 to 8
    const std::size_t power = static_cast<std::size_t>(std::bit_width(below)) - 1;
    return {quarters * (below / 4), 4 * (power - kSmallestWidth) + quarters - 4};
  }
};

}  // namespace

MemoryBlock BufferPool::take(std::size_t bytes) {
  const SizeClass size = SizeClass::of(bytes);
  {
    const std::lock_guard lock(mutex_);
    if (std::vector<MemoryBlock>& blocks = free_[size.index]; !blocks.empty()) {
      MemoryBlock block = std::move(blocks.back());
      blocks.pop_back();
      kept_ -= size.bytes;
      return block;
    }
  }
  return MemoryBlock::allocate(size.bytes);
}

void BufferPool::give_back(MemoryBlock block) {
  const std::size_t size = block.size();
  if (size == 0) {
    return;
  }
  const std::lock_guard lock(mutex_);
  free_[SizeClass::of(size).index].push_back(std::move(block));
  kept_ += size;
  for (std::size_t largest = kClasses - 1; kept_ > kKeep;) {
    if (free_[largest].empty()) {
      --largest;
      continue;
    }
    kept_ -= free_[largest].back().size();
    free_[largest].pop_back();
  }
}

std::size_t BufferPool::kept() const {
  const std::lock_guard lock(mutex_);
  return kept_;
}

}  // namespace ttx
