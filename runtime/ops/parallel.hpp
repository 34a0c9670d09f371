// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>

#include "runtime/device.hpp"

namespace ttx::ops {

// A second thread pays from about this many bytes of work on: some microseconds, what waking it costs.
inline constexpr std::int64_t kBytesPerThread = std::int64_t{64} * 1024;

/// Runs body(begin, end) over [0, count) by the threads of the device; what is too small for two stays on the
/// caller. `item_bytes` is the work of one item, in bytes read and written or their worth of arithmetic.
template <class Body>
void parallel(Device& device, std::int64_t count, std::int64_t item_bytes, const Body& body) {
  if (count == 0) {
    return;
  }
  const std::int64_t grain =
      std::max<std::int64_t>(1, kBytesPerThread / std::max<std::int64_t>(1, item_bytes));
  if (count < 2 * grain || device.threads().size() == 1) {
    body(std::int64_t{0}, count);
    return;
  }
  device.threads().parallel_for(count, grain, std::cref(body));
}

}  // namespace ttx::ops
