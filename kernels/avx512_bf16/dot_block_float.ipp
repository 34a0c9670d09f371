// SPDX-License-Identifier: Apache-2.0

// Numbers become bf16 by looking them up. For one row the powers of two of the groups are put into the row
// instead: with exponents that stay normal the products are the same, and so is every sum. For more rows they
// are put into the weights.

/// The bf16 of n * 2^(exponent - 133), carried on beyond infinity.
constexpr std::uint16_t bits_of_number(unsigned n, unsigned exponent) {
  for (; n != 0 && n < 64; n *= 2) {
    --exponent;
  }
  return n == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(exponent << 7U | (n - 64) << 1U);
}

struct NumberTables {
  alignas(64) std::uint8_t low[128];     ///< lower bytes, by magnitude
  alignas(64) std::uint8_t high[128];    ///< upper bytes
  alignas(64) std::uint16_t nibble[32];  ///< by a signed nibble, whatever bit 4
};

constexpr NumberTables number_tables(unsigned exponent) {
  NumberTables tables = {};
  for (unsigned n = 0; n < 128; ++n) {
    tables.low[n] = static_cast<std::uint8_t>(bits_of_number(n, exponent));
    tables.high[n] = static_cast<std::uint8_t>(bits_of_number(n, exponent) >> 8U);
  }
  for (unsigned i = 0; i < 32; ++i) {
    const unsigned nibble = i % 16;
    tables.nibble[i] =
        static_cast<std::uint16_t>(nibble < 8 ? bits_of_number(16 * nibble, exponent)
                                              : bits_of_number(16 * (16 - nibble) % 128, exponent) | 0x8000U);
  }
  return tables;
}

/// The numbers as they are, and as if their exponent were 255: what it is less is then subtracted, where
/// saturation keeps the zeros.
constexpr unsigned kAsTheyAre = 133;
constexpr unsigned kHighest = 255;
template <unsigned kExponent>
constexpr NumberTables kNumberTables = number_tables(kExponent);

/// The numbers of one pair of 32 columns as pairs of bf16.
template <BlockFloat kFormat, unsigned kExponent>
TTX_INLINE void look_up(const std::uint8_t* line, __m512i (&pairs)[2]) {
  const NumberTables& tables = kNumberTables<kExponent>;
  if constexpr (kFormat == BlockFloat::k8) {
    // Eight bytes of either half of the line to each 128-bit part, where unpacking leaves them.
    const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
    const __m512i numbers = _mm512_permutexvar_epi64(order, _mm512_loadu_si512(line));
    const __m512i magnitude = _mm512_abs_epi8(numbers);
    const __m512i low = _mm512_permutex2var_epi8(_mm512_load_si512(tables.low), magnitude,
                                                 _mm512_load_si512(tables.low + 64));
    const __m512i high = _mm512_permutex2var_epi8(_mm512_load_si512(tables.high), magnitude,
                                                  _mm512_load_si512(tables.high + 64));
    // high | (numbers & 0x80)
    const __m512i top = _mm512_ternarylogic_epi32(high, numbers, _mm512_set1_epi8(-128), 0xF8);
    pairs[0] = _mm512_unpacklo_epi8(low, top);
    pairs[1] = _mm512_unpackhi_epi8(low, top);
  } else {
    for (int v = 0; v < 2; ++v) {
      const __m512i both = _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(line) + v));
      const __m512i apart = _mm512_or_si512(both, _mm512_slli_epi32(both, 12));
      pairs[v] = _mm512_permutexvar_epi16(apart, _mm512_load_si512(tables.nibble));
    }
  }
}

/// What the exponents of a chunk mean: 255 less the exponent, in a bf16's exponent field.
template <BlockFloat>
struct ChunkScales {
  std::uint16_t below[kChunkExponents];

  TTX_INLINE void read(const std::uint8_t* exponents) {
    for (std::int64_t i = 0; i < kChunkExponents; i += 32) {
      const __m256i e = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(exponents + i));
      const __m256i less = _mm256_xor_si256(e, _mm256_set1_epi8(-1));
      _mm512_storeu_si512(below + i, _mm512_slli_epi16(_mm512_cvtepu8_epi16(less), 7));
    }
  }
};

/// The same of bfloat8_b apart: the magnitudes, and registers whose 16-bit elements have the sign in their
/// highest bit.
template <unsigned kExponent>
TTX_INLINE void look_up_apart(const std::uint8_t* line, __m512i (&magnitudes)[2], __m512i (&signs)[2]) {
  const NumberTables& tables = kNumberTables<kExponent>;
  const __m512i order = _mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7);
  const __m512i numbers = _mm512_permutexvar_epi64(order, _mm512_loadu_si512(line));
  const __m512i magnitude = _mm512_min_epu8(numbers, _mm512_sub_epi8(_mm512_setzero_si512(), numbers));
  const __m512i low =
      _mm512_permutex2var_epi8(_mm512_load_si512(tables.low), magnitude, _mm512_load_si512(tables.low + 64));
  const __m512i high = _mm512_permutex2var_epi8(_mm512_load_si512(tables.high), magnitude,
                                                _mm512_load_si512(tables.high + 64));
  magnitudes[0] = _mm512_unpacklo_epi8(low, high);
  magnitudes[1] = _mm512_unpackhi_epi8(low, high);
  signs[0] = _mm512_unpacklo_epi8(numbers, numbers);
  signs[1] = _mm512_unpackhi_epi8(numbers, numbers);
}

/// One pair of 32 columns, as bf16, for kRows rows.
template <BlockFloat kFormat, int kRows = 1>
class CodedLine {
 public:
  TTX_INLINE CodedLine(const std::uint8_t* line, const ChunkScales<kFormat>& scales, std::int64_t pair) {
    const std::uint16_t* below = scales.below + 2 * pair;
    if constexpr (kFormat == BlockFloat::k4 || kRows < kRowsThatKeepBusy) {
      __m512i pairs[2];
      look_up<kFormat, kHighest>(line, pairs);
      for (int v = 0; v < 2; ++v) {
        pairs_[v] = (PairVector)_mm512_subs_epu16(pairs[v], less(below, v));
      }
    } else {
      __m512i magnitudes[2];
      __m512i signs[2];
      look_up_apart<kHighest>(line, magnitudes, signs);
      for (int v = 0; v < 2; ++v) {
        // Nothing but a zero becomes negative.
        const __m512i scaled =
            _mm512_max_epi16(_mm512_sub_epi16(magnitudes[v], less(below, v)), _mm512_setzero_si512());
        // scaled | (sign & 0x8000)
        pairs_[v] = (PairVector)_mm512_ternarylogic_epi32(
            scaled, signs[v], _mm512_set1_epi16(static_cast<short>(0x8000)), 0xF8);
      }
    }
  }

  template <int kStep>
  TTX_INLINE Factor factor(int v) const {
    return pairs_[v];
  }
  TTX_INLINE PairVector pairs(int v) const { return pairs_[v]; }

 private:
  /// So many products occupy the units that multiply. Absolute values and saturation need the same ones and
  /// are avoided then, with more of what others do.
  static constexpr int kRowsThatKeepBusy = 7;

  TTX_INLINE static __m512i less(const std::uint16_t* below, int v) {
    return (__m512i)broadcast_bits(below + v * kGroupExponents);
  }

  PairVector pairs_[2];
};

/// Pairs [begin, end) of one row that meet a chunk beginning with pair `first`; the others are zeros.
TTX_INLINE __m512i pairs_for_chunk(const LyingPairs& row, std::int64_t first, std::int64_t begin,
                                   std::int64_t end) {
  const auto met = static_cast<__mmask16>(first_lanes(end - first) & ~((1U << (begin - first)) - 1U));
  return _mm512_maskz_loadu_epi32(met, row.at(first));
}

TTX_INLINE __m512i pairs_for_chunk(const OnePair& row, std::int64_t first, std::int64_t begin, std::int64_t) {
  return _mm512_maskz_mov_epi32(static_cast<__mmask16>(1U << (begin - first)),
                                (__m512i)broadcast_bits(row.row.x));
}

/// A row is multiplied by 2^(exponent - 133).
constexpr int kMostNegativePower = 133;
constexpr int kLeastNegativePower = 133;

/// Pairs [begin, end) of a chunk that begins with pair `first` times those of one row, which is scaled as
/// RowScaling allows.
template <BlockFloat kFormat, class Sums, class Rows>
TTX_INLINE void multiply_scaled(Sums& sums, Rows& rows, const std::uint8_t* chunk, std::int64_t first,
                                std::int64_t begin, std::int64_t end) {
  const __m512i x = pairs_for_chunk(rows, first, first + begin, first + end);
  const __mmask32 normal = _mm512_test_epi16_mask(x, _mm512_set1_epi16(0x7F80));
  const __m512i lowered = _mm512_sub_epi16(x, _mm512_set1_epi16(static_cast<short>(kAsTheyAre << 7U)));
  alignas(64) std::uint32_t scaled[2][kChunkPairs];
  for (int group = 0; group < 2; ++group) {
    const __m256i e = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(chunk + group * kGroupExponents));
    const __m512i powers = _mm512_slli_epi16(_mm512_cvtepu8_epi16(e), 7);
    _mm512_store_si512(scaled[group], _mm512_mask_add_epi16(x, normal, lowered, powers));
  }
#pragma GCC unroll 4
  for (std::int64_t pair = begin; pair < end; ++pair) {
    __m512i numbers[2];
    look_up<kFormat, kAsTheyAre>(chunk + kChunkExponents + pair * line_bytes(kFormat), numbers);
#pragma GCC unroll 2
    for (int group = 0; group < 2; ++group) {
      sums.sum[0][group] =
          multiply_add(sums.sum[0][group], (PairVector)numbers[group], broadcast_bits(&scaled[group][pair]));
    }
  }
}
