// SPDX-License-Identifier: Apache-2.0
#include "runtime/held_memory.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <sys/mman.h>
#include <unistd.h>
#include <vector>

namespace ttx::held_memory {

namespace {

struct Block {
  std::size_t bytes = 0;
  MemoryUse use = MemoryUse::kActivations;
};

struct Blocks {
  std::mutex mutex;
  std::map<const std::byte*, Block> by_begin;
};

/// Never destroyed: blocks may outlive everything else.
Blocks& blocks() {
  static auto* const kAll = new Blocks;
  return *kAll;
}

/// Bytes of [begin, begin + bytes) whose pages are in memory.
std::int64_t resident_of(const std::byte* begin, std::size_t bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t before = reinterpret_cast<std::uintptr_t>(begin) % page;
  std::vector<unsigned char> present((before + bytes + page - 1) / page);
  if (::mincore(const_cast<std::byte*>(begin) - before, before + bytes, present.data()) != 0) {
    return 0;
  }
  std::size_t sum = 0;
  for (std::size_t i = 0; i < present.size(); ++i) {
    const std::size_t from = std::max(i * page, before);
    const std::size_t to = std::min((i + 1) * page, before + bytes);
    sum += (present[i] & 1U) != 0 ? to - from : 0;
  }
  return static_cast<std::int64_t>(sum);
}

}  // namespace

void add(const std::byte* begin, std::size_t bytes, MemoryUse use) {
  Blocks& all = blocks();
  const std::lock_guard lock(all.mutex);
  all.by_begin[begin] = {bytes, use};
}

void remove(const std::byte* begin) {
  Blocks& all = blocks();
  const std::lock_guard lock(all.mutex);
  all.by_begin.erase(begin);
}

std::int64_t resident(MemoryUse use) {
  Blocks& all = blocks();
  const std::lock_guard lock(all.mutex);
  std::int64_t sum = 0;
  for (const auto& [begin, block] : all.by_begin) {
    sum += block.use == use ? resident_of(begin, block.bytes) : 0;
  }
  return sum;
}

}  // namespace ttx::held_memory
