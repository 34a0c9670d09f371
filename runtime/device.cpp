// SPDX-License-Identifier: Apache-2.0
#include "runtime/device.hpp"

#include <utility>

#include "runtime/buffer_pool.hpp"
#include "runtime/ops/device_limits.hpp"

namespace ttx {

Device::Device(DeviceProfile profile, int threads)
    : profile_(std::move(profile)), buffers_(std::make_unique<BufferPool>()), threads_(threads) {}

Device::~Device() = default;

Ledger::Claim Device::claim(MemoryUse use, std::int64_t bytes) {
  ops::check_dram(*this, use, bytes);
  return ledger_.claim(use, bytes);
}

}  // namespace ttx
