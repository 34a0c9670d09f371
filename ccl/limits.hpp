// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace ttx::ccl {

/// As many as a shard plan takes.
inline constexpr std::size_t kMaxDevices = 64;

}  // namespace ttx::ccl
