// SPDX-License-Identifier: Apache-2.0
#include "runtime/device.hpp"

#include <utility>

#include "runtime/buffer_pool.hpp"

namespace ttx {

Device::Device(DeviceProfile profile, int threads)
    : profile_(std::move(profile)), buffers_(std::make_unique<BufferPool>()), threads_(threads) {}

Device::~Device() = default;

}  // namespace ttx
