// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/bf16.hpp"

namespace ttx::reference {

struct AttentionRule {
  float scale;
  float soft_cap;       ///< 0: none
  std::int64_t window;  ///< 0: none
};

/// One query row at `position` over keys and values [position + 1][head_dim], by the steps of
/// kernels/attention.hpp.
std::vector<kernels::Bf16> attend_row(const kernels::Bf16* q, const kernels::Bf16* keys,
                                      const kernels::Bf16* values, std::int64_t position,
                                      std::int64_t head_dim, const AttentionRule& rule);

}  // namespace ttx::reference
