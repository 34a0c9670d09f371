// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "kernels/bf16.hpp"

namespace ttx::reference {

/// One query row over `keys_seen` keys and values [keys_seen][head_dim], by the steps of
/// kernels/attention.hpp.
std::vector<kernels::Bf16> attend_row(const kernels::Bf16* q, const kernels::Bf16* keys,
                                      const kernels::Bf16* values, std::int64_t keys_seen,
                                      std::int64_t head_dim, float scale);

}  // namespace ttx::reference
