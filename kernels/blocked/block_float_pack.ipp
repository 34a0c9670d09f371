// SPDX-License-Identifier: Apache-2.0

// Numbers are found in sixteen bits: of the eight bits of a bf16's significand none is lost that can take
// part in the rounding. A group's exponent is that of the greatest magnitude, and magnitudes are compared
// while a register still holds a column.

/// At each k the greatest magnitude of some columns, as bits.
TTX_INLINE HalfVector greatest_magnitudes(const PairVector (&columns)[kRegisterLanes]) {
  HalfVector most = {};
#pragma GCC unroll 16
  for (std::int64_t column = 0; column < kRegisterLanes; ++column) {
    most = greater_of(most, (HalfVector)columns[column] & 0x7FFFU);
  }
  return most;
}

/// What quantise() makes of bf16 values, given the exponents kept for their groups.
template <BlockFloat kFormat>
TTX_INLINE HalfVector numbers_of(HalfVector bits, HalfVector exponents) {
  constexpr std::uint16_t kDropped = kFormat == BlockFloat::k8 ? 8 : 12;
  constexpr std::uint16_t kMost = kFormat == BlockFloat::k8 ? 127 : 7;
  constexpr std::uint16_t kHalf = (1U << (kDropped - 1U)) - 1U;
  const HalfVector distance = exponents - ((bits >> 7U) & 0xFFU);
  const HalfVector significand = ((bits << 7U) & 0x3F80U) | 0x4000U;
  const HalfVector aligned = shift_right(significand, distance, bits);
  const HalfVector rounded = (aligned + kHalf + ((aligned >> kDropped) & 1U)) >> kDropped;
  return with_sign(lesser_of(rounded, HalfVector{} + kMost), bits);
}

/// A group's numbers at a pair of k, given as bytes, [16 columns][2 k].
template <BlockFloat kFormat>
TTX_INLINE void store_numbers(__m256i numbers, std::uint8_t* to) {
  if constexpr (kFormat == BlockFloat::k8) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), numbers);
  } else {
    const __m256i nibbles = _mm256_and_si256(numbers, _mm256_set1_epi8(15));
    const __m256i both = _mm256_maddubs_epi16(nibbles, _mm256_set1_epi16(0x1001));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                     _mm_packus_epi16(_mm256_castsi256_si128(both), _mm256_extracti128_si256(both, 1)));
  }
}

/// The pairs from `first` on of a group's part of a chunk, as many as a register holds.
template <BlockFloat kFormat>
TTX_INLINE void pack_group(const PackBlockFloatCall& call, std::int64_t at, std::int64_t first,
                           std::int64_t group, std::uint8_t* chunk) {
  PairVector columns[static_cast<std::size_t>(kParts)][kRegisterLanes];
  HalfVector most = {};
  for (std::int64_t part = 0; part < kParts; ++part) {
    const std::int64_t column = group * kGroupSize + part * kRegisterLanes;
    load_rows(call.w + column * call.w_stride, call.w_stride, call.columns - column, call.k, at + 2 * first,
              columns[part]);
    most = greater_of(most, greatest_magnitudes(columns[part]));
    transpose_pairs(columns[part]);
  }
  // The exponent kept for zeros is far enough from theirs to make them zeros.
  alignas(64) std::uint16_t exponents[2 * kRegisterLanes];
  const HalfVector kept = zeros_become(most >> 7U, kZeroExponent);
  __builtin_memcpy(exponents, &kept, sizeof kept);
  for (std::int64_t i = 0; i < 2 * kRegisterLanes; ++i) {
    chunk[group * kGroupExponents + 2 * first + i] = static_cast<std::uint8_t>(exponents[i]);
  }
#pragma GCC unroll 16
  for (std::int64_t pair = 0; pair < kRegisterLanes; ++pair) {
    const auto shared = (HalfVector)broadcast_bits(exponents + 2 * pair);
    HalfVector numbers[static_cast<std::size_t>(kParts)];
    for (std::int64_t part = 0; part < kParts; ++part) {
      numbers[part] = numbers_of<kFormat>((HalfVector)columns[part][pair], shared);
    }
    std::uint8_t* const line = chunk + kChunkExponents + (first + pair) * line_bytes(kFormat);
    store_numbers<kFormat>(as_bytes(numbers), line + group * line_bytes(kFormat) / 2);
  }
}

template <BlockFloat kFormat>
TTX_INLINE void pack_chunk(const PackBlockFloatCall& call, std::int64_t at, std::uint8_t* chunk) {
  for (std::int64_t first = 0; first < kChunkPairs; first += kRegisterLanes) {
    for (std::int64_t group = 0; group < 2; ++group) {
      pack_group<kFormat>(call, at, first, group, chunk);
    }
  }
}
