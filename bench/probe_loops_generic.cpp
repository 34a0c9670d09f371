// SPDX-License-Identifier: Apache-2.0
#include <xmmintrin.h>

#include "bench/probe_loops.hpp"

namespace ttx::bench::generic {
namespace {

template <int kStreams>
float read_streams(const float* from, std::size_t lines) {
  const std::size_t share = lines / kStreams * 16;
  __m128 sum[4] = {_mm_setzero_ps(), _mm_setzero_ps(), _mm_setzero_ps(), _mm_setzero_ps()};
  for (std::size_t i = 0; i < share; i += 16) {
    for (std::size_t stream = 0; stream < kStreams; ++stream) {
      for (std::size_t part = 0; part < 4; ++part) {
        sum[part] = _mm_xor_ps(sum[part], _mm_loadu_ps(from + stream * share + i + 4 * part));
      }
    }
  }
  return _mm_cvtss_f32(_mm_xor_ps(_mm_xor_ps(sum[0], sum[1]), _mm_xor_ps(sum[2], sum[3])));
}

}  // namespace

float read_lines(const float* from, std::size_t lines, int streams) {
  return streams == 4 ? read_streams<4>(from, lines) : read_streams<1>(from, lines);
}

float multiply_add(std::int64_t rounds) {
  // Sixteen registers: twelve chains, taken twice per round.
  __m128 chain[12];
  for (int i = 0; i < 12; ++i) {
    chain[i] = _mm_set1_ps(1.0F + static_cast<float>(i));
  }
  const __m128 factor = _mm_set1_ps(0.999F);
  const __m128 term = _mm_set1_ps(0.001F);
  for (std::int64_t round = 0; round < 2 * rounds; ++round) {
    for (__m128& value : chain) {
      value = _mm_add_ps(_mm_mul_ps(value, factor), term);
    }
  }
  __m128 sum = chain[0];
  for (int i = 1; i < 12; ++i) {
    sum = _mm_add_ps(sum, chain[i]);
  }
  return _mm_cvtss_f32(sum);
}

}  // namespace ttx::bench::generic
