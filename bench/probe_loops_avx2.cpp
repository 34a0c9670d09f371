// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "bench/probe_loops.hpp"

namespace ttx::bench::avx2 {

float multiply_add(std::int64_t rounds) {
  // Sixteen registers: twelve chains, taken twice per round.
  __m256 chain[12];
#pragma GCC unroll 12
  for (int i = 0; i < 12; ++i) {
    chain[i] = _mm256_set1_ps(1.0F + static_cast<float>(i));
  }
  const __m256 factor = _mm256_set1_ps(0.999F);
  const __m256 term = _mm256_set1_ps(0.001F);
  for (std::int64_t round = 0; round < 2 * rounds; ++round) {
#pragma GCC unroll 12
    for (__m256& value : chain) {
      value = _mm256_fmadd_ps(value, factor, term);
    }
  }
  __m256 sum = chain[0];
  for (int i = 1; i < 12; ++i) {
    sum = _mm256_add_ps(sum, chain[i]);
  }
  return sum[0] + sum[1] + sum[2] + sum[3] + sum[4] + sum[5] + sum[6] + sum[7];
}

}  // namespace ttx::bench::avx2
