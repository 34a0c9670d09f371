// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace ttx {

inline constexpr int kTopCount = 5;

/// Indices of the five largest logits, largest first; equal logits in ascending index. NaN counts as below
/// everything. Fewer than five logits: the rest is -1.
std::array<std::int32_t, kTopCount> top_five(std::span<const float> logits);

/// 1 to 5: the place of `target` among the five largest; 0 when it is not there. Place 1 is a top-1 hit, any
/// but 0 a top-5 hit.
int place_of(std::int32_t target, std::span<const float> logits);

}  // namespace ttx
