// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

namespace ttx::bench {

/// Seconds of out [m][n] = x [m][k] * w [n][k] transposed in bfloat16 by oneDNN, its weights packed as it
/// likes beforehand, on that many threads: of one of `copies` products with a weight each, one after the
/// other. nullopt in a build without oneDNN.
std::optional<double> onednn_matmul_seconds(std::int64_t m, std::int64_t n, std::int64_t k, int copies,
                                            int threads);

}  // namespace ttx::bench
