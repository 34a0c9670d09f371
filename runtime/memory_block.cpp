// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory_block.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <new>
#include <sys/mman.h>
#include <utility>

#include "runtime/error.hpp"
#include "runtime/held_memory.hpp"

namespace ttx {

namespace {

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kHugePage = std::size_t{2} << 20;
// Below this the heap is as good, and wastes no page.
constexpr std::size_t kMapFrom = std::size_t{1} << 20;

}  // namespace

std::byte* MemoryBlock::map(std::size_t bytes) {
  void* const data =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return data == MAP_FAILED ? nullptr : static_cast<std::byte*>(data);
}

MemoryBlock MemoryBlock::allocate(std::size_t bytes, MemoryUse use) {
  MemoryBlock block;
  block.size_ = bytes;
  if (bytes < kMapFrom) {
    block.data_ = static_cast<std::byte*>(::operator new(bytes == 0 ? 1 : bytes, kAlignment, std::nothrow));
    block.from_ = From::kHeap;
  } else {
    const std::size_t slack = bytes >= kHugePage ? kHugePage : 0;
    block.mapped_size_ = bytes + slack;
    block.mapped_ = map(block.mapped_size_);
    if (block.mapped_ != nullptr) {
      block.from_ = From::kMap;
      block.data_ = block.mapped_;
      if (slack != 0) {
        const auto address = reinterpret_cast<std::uintptr_t>(block.mapped_);
        block.data_ += (kHugePage - address % kHugePage) % kHugePage;
        // Only whole huge pages, so that no block costs more memory than its size. Refusal costs speed alone.
        madvise(block.data_, bytes / kHugePage * kHugePage, MADV_HUGEPAGE);
      }
    }
  }
  TTX_CHECK(block.data_ != nullptr, "memory",
            "cannot allocate {} bytes: {}; use more devices, a smaller model or a shorter sequence", bytes,
            std::strerror(ENOMEM));
  held_memory::add(block.data_, bytes, use);
  return block;
}

MemoryBlock MemoryBlock::reserve(std::size_t bytes, MemoryUse use) {
  MemoryBlock block;
  block.size_ = bytes;
  block.mapped_size_ = bytes == 0 ? 1 : bytes;
  block.mapped_ = map(block.mapped_size_);
  TTX_CHECK(block.mapped_ != nullptr, "memory",
            "cannot reserve {} bytes of address space: {}; lower max_seq_len (or the cache's cap), or raise "
            "`ulimit -v` and "
            "vm.overcommit_memory",
            bytes, std::strerror(errno));
  block.data_ = block.mapped_;
  block.from_ = From::kMap;
  // A huge page behind the first written row would cost memory that is never used.
  madvise(block.mapped_, block.mapped_size_, MADV_NOHUGEPAGE);
  held_memory::add(block.data_, bytes, use);
  return block;
}

MemoryBlock MemoryBlock::view(std::span<const std::byte> bytes, std::shared_ptr<const void> owner) {
  MemoryBlock block;
  block.data_ = const_cast<std::byte*>(bytes.data());
  block.size_ = bytes.size();
  block.owner_ = std::move(owner);
  return block;
}

MemoryBlock::~MemoryBlock() {
  if (from_ != From::kNothing) {
    held_memory::remove(data_);
  }
  switch (from_) {
    case From::kNothing:
      break;
    case From::kHeap:
      ::operator delete(data_, kAlignment);
      break;
    case From::kMap:
      munmap(mapped_, mapped_size_);
      break;
  }
}

MemoryBlock::MemoryBlock(MemoryBlock&& other) noexcept { *this = std::move(other); }

MemoryBlock& MemoryBlock::operator=(MemoryBlock&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  std::swap(from_, other.from_);
  std::swap(mapped_, other.mapped_);
  std::swap(mapped_size_, other.mapped_size_);
  std::swap(owner_, other.owner_);
  return *this;
}

}  // namespace ttx
