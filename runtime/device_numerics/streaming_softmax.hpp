// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "runtime/device_numerics/matrix_unit.hpp"

namespace ttx::device_numerics {

/// The statistics of one query row, chunk after chunk (attention.hpp).
struct SoftmaxState {
  float maximum = -std::numeric_limits<float>::infinity();
  float sum = 0.0F;
};

/// Of a sum of products: times scale, and where soft_cap is above 0, soft_cap tanh(score / soft_cap).
float scaled_score(float sum, float scale, float soft_cap);

/// Makes the weights of a chunk of as many keys, of which the row sees `keys` (at least one), of their
/// scores; the others get 0. Moves the statistics on. Returns alpha, by which the row's earlier results are
/// multiplied.
float soften(const float* scores, TileRange keys, bool fp32_dest, std::span<bfloat16> weights,
             SoftmaxState& state);

}  // namespace ttx::device_numerics
