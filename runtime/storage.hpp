// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "kernels/linear.hpp"
#include "runtime/ledger.hpp"
#include "runtime/memory_block.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// The bytes behind tensors, and what their format needs to be read. Private to runtime/.
struct Tensor::Storage {
  Device* device = nullptr;
  MemoryBlock block;
  bool pooled = false;      ///< the block goes back to the device's pool
  std::size_t bytes = 0;    ///< in use; the block may be larger
  Ledger::Claim claim;      ///< on the device's ledger
  HostTensor mapped;        ///< kMapped: the table where the file maps it; no block then
  float scale = 1.0F;       ///< kMapped: of every value
  kernels::KBlocks blocks;  ///< kWeightPanels: how the sum over K is cut
  std::int64_t head_stride =
      0;  ///< caches: elements from one head to the next; users follow each other densely

  Storage() = default;
  ~Storage();
  Storage(const Storage&) = delete;
  Storage& operator=(const Storage&) = delete;

  template <class T>
  T* as() const {
    return reinterpret_cast<T*>(block.data());
  }
};

/// Memory for `bytes` on the device, claimed on its ledger with the bytes that the hardware would hold.
std::shared_ptr<Tensor::Storage> allocate_storage(Device& device, std::size_t bytes, MemoryUse use,
                                                  std::int64_t device_bytes);

}  // namespace ttx
