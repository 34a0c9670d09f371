// SPDX-License-Identifier: Apache-2.0

// Numbers become bf16 by looking them up, as if their exponent were 255; what it is less is subtracted, and
// saturation keeps the zeros. Exact for plain exponents.

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

/// The bf16 of n * 2^122, the value of number n when E is 255, carried on beyond infinity.
constexpr std::uint16_t bits_at_255(unsigned n) {
  unsigned exponent = 255;
  for (; n != 0 && n < 64; n *= 2) {
    --exponent;
  }
  return n == 0 ? std::uint16_t{0} : static_cast<std::uint16_t>(exponent << 7U | (n - 64) << 1U);
}

struct NumberTables {
  alignas(64) std::uint8_t low[128];    ///< lower bytes, by magnitude
  alignas(64) std::uint8_t high[128];   ///< upper bytes
  alignas(64) std::uint8_t order[128];   ///< byte i of 64 and of another 64, alternately
  alignas(64) std::uint16_t nibble[32];  ///< by a signed nibble, whatever bit 4
};

constexpr NumberTables kNumberTables = [] {
  NumberTables tables = {};
  for (unsigned n = 0; n < 128; ++n) {
    tables.low[n] = static_cast<std::uint8_t>(bits_at_255(n));
    tables.high[n] = static_cast<std::uint8_t>(bits_at_255(n) >> 8U);
    tables.order[n] = static_cast<std::uint8_t>(n / 2 + n % 2 * 64);
  }
  for (unsigned i = 0; i < 32; ++i) {
    const unsigned nibble = i % 16;
    tables.nibble[i] = static_cast<std::uint16_t>(
        nibble < 8 ? bits_at_255(16 * nibble) : bits_at_255(16 * (16 - nibble) % 128) | 0x8000U);
  }
  return tables;
}();

/// One pair of 32 columns, as bf16.
template <BlockFloat kFormat>
class CodedLine {
 public:
  TTX_INLINE CodedLine(const std::uint8_t* line, const ChunkScales<kFormat>& scales, std::int64_t pair) {
    __m512i full[2];
    look_up(line, full);
    const std::uint16_t* below = scales.below + pair * kExponentsPerPair;
    for (int v = 0; v < 2; ++v) {
      pairs_[v] = (PairVector)_mm512_subs_epu16(full[v], (__m512i)broadcast_bits(below + 2 * v));
    }
  }

  template <int kStep>
  TTX_INLINE Factor factor(int v) const {
    return pairs_[v];
  }
  TTX_INLINE PairVector pairs(int v) const { return pairs_[v]; }

 private:
  TTX_INLINE static void look_up(const std::uint8_t* line, __m512i (&full)[2]) {
    if constexpr (kFormat == BlockFloat::k8) {
      const __m512i numbers = _mm512_loadu_si512(line);
      const __m512i magnitude = _mm512_abs_epi8(numbers);
      const __m512i low = _mm512_permutex2var_epi8(_mm512_load_si512(kNumberTables.low), magnitude,
                                                   _mm512_load_si512(kNumberTables.low + 64));
      const __m512i high = _mm512_permutex2var_epi8(_mm512_load_si512(kNumberTables.high), magnitude,
                                                    _mm512_load_si512(kNumberTables.high + 64));
      // high | (numbers & 0x80)
      const __m512i top = _mm512_ternarylogic_epi32(high, numbers, _mm512_set1_epi8(-128), 0xF8);
      full[0] = _mm512_permutex2var_epi8(low, _mm512_load_si512(kNumberTables.order), top);
      full[1] = _mm512_permutex2var_epi8(low, _mm512_load_si512(kNumberTables.order + 64), top);
    } else {
      for (int v = 0; v < 2; ++v) {
        const __m512i both =
            _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(line) + v));
        const __m512i apart = _mm512_or_si512(both, _mm512_slli_epi32(both, 12));
        full[v] = _mm512_permutexvar_epi16(apart, _mm512_load_si512(kNumberTables.nibble));
      }
    }
  }

  PairVector pairs_[2];
};
