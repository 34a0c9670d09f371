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

/// One pair of 32 columns, as bf16.
template <BlockFloat kFormat>
class CodedLine {
 public:
  TTX_INLINE CodedLine(const std::uint8_t* line, const ChunkScales<kFormat>& scales, std::int64_t pair) {
    __m512i pairs[2];
    look_up<kFormat, kHighest>(line, pairs);
    for (int v = 0; v < 2; ++v) {
      const std::uint16_t* below = scales.below + v * kGroupExponents + 2 * pair;
      pairs_[v] = (PairVector)_mm512_subs_epu16(pairs[v], (__m512i)broadcast_bits(below));
    }
  }

  template <int kStep>
  TTX_INLINE Factor factor(int v) const {
    return pairs_[v];
  }
  TTX_INLINE PairVector pairs(int v) const { return pairs_[v]; }

 private:
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

class ChunkRow {
 public:
  TTX_INLINE explicit ChunkRow(__m512i pairs) : x_(pairs) {
    field_ = _mm512_and_si512(_mm512_srli_epi16(x_, 7), _mm512_set1_epi16(0xFF));
    normal_ = _mm512_test_epi16_mask(field_, field_);
    finite_ = _mm512_cmpeq_epi16_mask(field_, _mm512_set1_epi16(0xFF)) == 0;
  }

  /// The row times the powers of two of either group. False where that leaves the normal range, or the row
  /// is not finite: then it must not be used.
  TTX_INLINE bool scale(const std::uint8_t* exponents, std::uint32_t (&out)[2][kChunkPairs]) const {
    bool good = finite_;
    for (int group = 0; group < 2; ++group) {
      const __m256i e =
          _mm256_loadu_si256(reinterpret_cast<const __m256i*>(exponents + group * kGroupExponents));
      const __m512i power = _mm512_sub_epi16(_mm512_cvtepu8_epi16(e), _mm512_set1_epi16(kAsTheyAre));
      _mm512_storeu_si512(out[group], _mm512_mask_add_epi16(x_, normal_, x_, _mm512_slli_epi16(power, 7)));
      // 1 to 254, less one.
      const __m512i field = _mm512_add_epi16(_mm512_add_epi16(field_, power), _mm512_set1_epi16(-1));
      good = good && _mm512_mask_cmpgt_epu16_mask(normal_, field, _mm512_set1_epi16(253)) == 0;
    }
    return good;
  }

 private:
  __m512i x_;
  __m512i field_;
  __mmask32 normal_;
  bool finite_;
};

constexpr bool kScalesTheRow = true;

/// One pair of 32 columns, its numbers as they are.
template <BlockFloat kFormat>
class NumberLine {
 public:
  TTX_INLINE explicit NumberLine(const std::uint8_t* line) { look_up<kFormat, kAsTheyAre>(line, pairs_); }

  /// sum + the columns of a group times a pair of the scaled row.
  TTX_INLINE Vector multiply(Vector sum, int group, const std::uint32_t* pair) const {
    return multiply_add(sum, (PairVector)pairs_[group], broadcast_bits(pair));
  }

 private:
  __m512i pairs_[2];
};

/// Pairs [begin, end) of a chunk that begins with pair `first` times those of one row, for kPanels panels
/// that are `stride` bytes apart; what lies at `next` is fetched meanwhile. False, and nothing done, where
/// scaling the row is not exact.
template <BlockFloat kFormat, int kPanels, class Sums, class Rows>
TTX_INLINE bool multiply_scaled(Sums& sums, Rows& rows, const std::uint8_t* chunk, const std::uint8_t* next,
                                std::int64_t stride, std::int64_t first, std::int64_t begin,
                                std::int64_t end) {
  const ChunkRow row(pairs_for_chunk(rows, first, first + begin, first + end));
  alignas(64) std::uint32_t scaled[static_cast<std::size_t>(kPanels)][2][kChunkPairs];
  bool good = true;
#pragma GCC unroll 4
  for (int p = 0; p < kPanels; ++p) {
    fetch_line(next + p * stride);
    good = row.scale(chunk + p * stride, scaled[p]) && good;
    good = exponents_are_plain(chunk + p * stride) && good;
  }
  if (!good) {
    return false;
  }
#pragma GCC unroll 2
  for (std::int64_t pair = begin; pair < end; ++pair) {
    const std::int64_t line_at = kChunkExponents + pair * line_bytes(kFormat);
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p) {
      fetch_line(next + p * stride + line_at);
      const NumberLine<kFormat> line(chunk + p * stride + line_at);
#pragma GCC unroll 2
      for (int group = 0; group < 2; ++group) {
        Vector& sum = sums.sum[0][p * kPanelVectors + group];
        sum = line.multiply(sum, group, &scaled[p][group][pair]);
      }
    }
  }
  return true;
}
