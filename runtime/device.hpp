// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/device_profile.hpp"
#include "runtime/ledger.hpp"
#include "runtime/thread_pool.hpp"

namespace ttx {

class BufferPool;

/// One device, played by this process: its profile, its memory ledger, its threads. Tensors refer to the
/// device they lie on, so it must outlive them. ccl::MeshDevice adds the other devices.
class Device {
 public:
  Device(DeviceProfile profile, int threads);
  virtual ~Device();
  Device(const Device&) = delete;
  Device& operator=(const Device&) = delete;

  const DeviceProfile& profile() const { return profile_; }
  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  /// Device memory for as long as the claim lives. Throws Error when the device's limits hold and its DRAM
  /// would not hold that too.
  Ledger::Claim claim(MemoryUse use, std::int64_t bytes);
  ThreadPool& threads() { return threads_; }
  /// Memory of activations and scratch, used again from op to op.
  BufferPool& buffers() { return *buffers_; }

 private:
  DeviceProfile profile_;
  Ledger ledger_;
  std::unique_ptr<BufferPool> buffers_;
  ThreadPool threads_;
};

}  // namespace ttx
