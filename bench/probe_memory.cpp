// SPDX-License-Identifier: Apache-2.0
#include "bench/probe_memory.hpp"

#include <cstring>
#include <utility>

namespace ttx::bench {
namespace {

MemoryBlock written(MemoryBlock block) {
  std::memset(block.data(), 1, block.size());
  return block;
}

}  // namespace

MemoryBlock weight_memory(std::size_t bytes) { return written(MemoryBlock::allocate(bytes)); }

MemoryBlock cache_memory(std::size_t bytes) { return written(MemoryBlock::reserve(bytes)); }

}  // namespace ttx::bench
