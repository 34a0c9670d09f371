// SPDX-License-Identifier: Apache-2.0
#include "models/eval/scores.hpp"

#include <cmath>
#include <limits>

namespace ttx {

std::array<std::int32_t, kTopCount> top_five(std::span<const float> logits) {
  std::array<std::int32_t, kTopCount> index;
  std::array<float, kTopCount> value;
  index.fill(-1);
  value.fill(-std::numeric_limits<float>::infinity());
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float x = logits[i];
    if (std::isnan(x) || (index[kTopCount - 1] >= 0 && x <= value[kTopCount - 1])) {
      continue;
    }
    // Insertion from the end: an equal logit that came earlier stays in front.
    int place = kTopCount - 1;
    for (; place > 0 &&
           (index[static_cast<std::size_t>(place - 1)] < 0 || x > value[static_cast<std::size_t>(place - 1)]);
         --place) {
      index[static_cast<std::size_t>(place)] = index[static_cast<std::size_t>(place - 1)];
      value[static_cast<std::size_t>(place)] = value[static_cast<std::size_t>(place - 1)];
    }
    index[static_cast<std::size_t>(place)] = static_cast<std::int32_t>(i);
    value[static_cast<std::size_t>(place)] = x;
  }
  return index;
}

int place_of(std::int32_t target, std::span<const float> logits) {
  const auto best = top_five(logits);
  for (std::size_t i = 0; i < best.size(); ++i) {
    if (best[i] == target) {
      return static_cast<int>(i) + 1;
    }
  }
  return 0;
}

}  // namespace ttx
