// SPDX-License-Identifier: Apache-2.0
#include <immintrin.h>

#include "bench/probe_loops.hpp"

namespace ttx::bench::avx512 {
namespace {

/// How far ahead of each stream lines are fetched: beats the hardware's own prefetch where there is more than
/// one stream.
constexpr std::size_t kAheadFloats = 1024;

template <int kStreams>
float read_streams(const float* from, std::size_t lines) {
  const std::size_t share = lines / kStreams * 16;
  __m512i sum[4] = {_mm512_setzero_si512(), _mm512_setzero_si512(), _mm512_setzero_si512(),
                    _mm512_setzero_si512()};
  for (std::size_t i = 0; i + 32 <= share; i += 32) {
#pragma GCC unroll 4
    for (std::size_t stream = 0; stream < kStreams; ++stream) {
      const float* line = from + stream * share + i;
      if (kStreams > 1) {
        _mm_prefetch(reinterpret_cast<const char*>(line + kAheadFloats), _MM_HINT_T0);
        _mm_prefetch(reinterpret_cast<const char*>(line + kAheadFloats + 16), _MM_HINT_T0);
      }
      sum[stream % 2] = _mm512_xor_si512(sum[stream % 2], _mm512_loadu_si512(line));
      sum[2 + stream % 2] = _mm512_xor_si512(sum[2 + stream % 2], _mm512_loadu_si512(line + 16));
    }
  }
  const __m512i all = _mm512_xor_si512(_mm512_xor_si512(sum[0], sum[1]), _mm512_xor_si512(sum[2], sum[3]));
  return static_cast<float>(_mm512_reduce_or_epi32(all));
}

}  // namespace

float read_lines(const float* from, std::size_t lines, int streams) {
  return streams == 4 ? read_streams<4>(from, lines) : read_streams<1>(from, lines);
}

// The chains begin apart, or the compiler would keep one for all.
float multiply_add(std::int64_t rounds) {
  __m512 chain[kChains];
#pragma GCC unroll 24
  for (std::int64_t i = 0; i < kChains; ++i) {
    chain[i] = _mm512_set1_ps(1.0F + static_cast<float>(i));
  }
  const __m512 factor = _mm512_set1_ps(0.999F);
  const __m512 term = _mm512_set1_ps(0.001F);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (std::int64_t i = 0; i < kChains; ++i) {
      chain[i] = _mm512_fmadd_ps(chain[i], factor, term);
    }
  }
  __m512 sum = chain[0];
#pragma GCC unroll 24
  for (std::int64_t i = 1; i < kChains; ++i) {
    sum = _mm512_add_ps(sum, chain[i]);
  }
  return _mm512_reduce_add_ps(sum);
}

float dot_products(std::int64_t rounds) {
  __m512 chain[kChains];
#pragma GCC unroll 24
  for (std::int64_t i = 0; i < kChains; ++i) {
    chain[i] = _mm512_set1_ps(static_cast<float>(i));
  }
  // bf16 0.25 and -0.25 in turn: the sums stay small.
  const __m512i a = _mm512_set1_epi32(0x3E803E80);
  const __m512i b = _mm512_set1_epi32(static_cast<int>(0xBE803E80U));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 24
    for (std::int64_t i = 0; i < kChains; ++i) {
      chain[i] = _mm512_dpbf16_ps(chain[i], (__m512bh)a, (__m512bh)b);
    }
  }
  __m512 sum = chain[0];
#pragma GCC unroll 24
  for (std::int64_t i = 1; i < kChains; ++i) {
    sum = _mm512_add_ps(sum, chain[i]);
  }
  return _mm512_reduce_add_ps(sum);
}

}  // namespace ttx::bench::avx512
