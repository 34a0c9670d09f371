// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "runtime/device_profile.hpp"

namespace ttx {

/// The limits that a run sets for a bring-up.
struct RunLimits {
  std::int64_t max_seq_len = 2048;
  /// Takes the place of the bring-up's own cap of its KV cache (--max_cache_seq_len).
  std::optional<std::int64_t> max_cache_seq_len = std::nullopt;
  /// Whether what the bring-up declares its device cannot do holds (--device_limits).
  DeviceLimits device = DeviceLimits::kIgnored;

  /// The cap of a bring-up whose own is `own`.
  std::optional<std::int64_t> cap(std::optional<std::int64_t> own) const {
    return max_cache_seq_len ? max_cache_seq_len : own;
  }
  /// Rows of the KV caches of such a bring-up.
  std::int64_t cache_length(std::optional<std::int64_t> own) const {
    const std::optional<std::int64_t> held = cap(own);
    return held ? std::min(max_seq_len, *held) : max_seq_len;
  }
};

}  // namespace ttx
