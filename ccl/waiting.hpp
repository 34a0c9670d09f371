// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

namespace ttx::ccl {

/// A number in shared memory that processes wait for, on a cache line of its own.
struct alignas(64) SharedWord {
  std::atomic<std::uint32_t> value{0};
};
static_assert(std::atomic<std::uint32_t>::is_always_lock_free, "words are shared between processes");

/// Stores `value` in `word` with release order and wakes who sleeps for it. All words that share `sleepers`
/// are waited for through it.
void publish(SharedWord& word, std::uint32_t value, SharedWord& sleepers);

/// Returns when `word` holds `value` (acquire). Waits of up to two milliseconds yield the core between looks:
/// the next collective of a step is microseconds away, and other ranks may want the core. Longer ones (a rank
/// loads, or computes the reference) sleep; a sleeper calls `idle` some fifty times a second.
void wait_for(SharedWord& word, std::uint32_t value, SharedWord& sleepers, const std::function<void()>& idle);

}  // namespace ttx::ccl
