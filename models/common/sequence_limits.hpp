// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

namespace ttx {

/// How long a sequence a run asks for.
struct SequenceLimits {
  std::int64_t max_seq_len = 2048;
  /// Takes the place of the bring-up's own cap (--max_cache_seq_len).
  std::optional<std::int64_t> max_cache_seq_len;

  /// Rows of the KV caches of a bring-up with the cap `own`.
  std::int64_t cache_length(std::optional<std::int64_t> own) const {
    const std::optional<std::int64_t> cap = max_cache_seq_len ? max_cache_seq_len : own;
    return cap ? std::min(max_seq_len, *cap) : max_seq_len;
  }
};

}  // namespace ttx
