// SPDX-License-Identifier: Apache-2.0
#include "ccl/copy_past_caches.hpp"

#include <cstring>
#include <emmintrin.h>

namespace ttx::ccl {

namespace {

constexpr std::size_t kLine = 64;
constexpr std::size_t kStore = sizeof(__m128i);

}  // namespace

void copy_past_caches(std::span<const std::byte> from, std::byte* to) {
  std::size_t at = 0;
  for (; at + kLine <= from.size(); at += kLine) {
    for (std::size_t i = at; i < at + kLine; i += kStore) {
      _mm_stream_si128(reinterpret_cast<__m128i*>(to + i),
                       _mm_loadu_si128(reinterpret_cast<const __m128i*>(from.data() + i)));
    }
  }
  if (at < from.size()) {
    std::memcpy(to + at, from.data() + at, from.size() - at);
  }
  _mm_sfence();  // such stores are not in order with later ones
}

}  // namespace ttx::ccl
