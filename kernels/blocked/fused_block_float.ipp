// SPDX-License-Identifier: Apache-2.0

// Numbers are converted where they stand in a pair and multiplied by the power of two that puts them right,
// both exact for plain exponents.

constexpr bool kScalesTheRow = false;
struct RowScaling {
  explicit RowScaling(const LinearCall&) {}
  TTX_INLINE static bool allows(const std::uint8_t*) { return false; }
};

/// What the exponents of a chunk mean.
template <BlockFloat kFormat>
struct ChunkScales {
  float scale[kChunkExponents];

  TTX_INLINE void read(const std::uint8_t* exponents) {
    // An even number counts in 2^24, an odd one in 2^8 or, of nibbles, in 1: 2^(e - 133) of that.
    constexpr std::uint32_t kOdd = kFormat == BlockFloat::k8 ? 14 : 6;
    constexpr std::uint32_t kEven = 30;
    PartBits less;
    for (std::int64_t lane = 0; lane < kRegisterLanes; ++lane) {
      less[lane] = lane % 2 == 0 ? kEven : kOdd;
    }
    for (std::int64_t i = 0; i < kChunkExponents; i += kRegisterLanes) {
      const PartBits e = load_exponents(exponents + i);
      store_vector((Vector)((e - less) << 23U), scale + i);
    }
  }
};

/// One pair of 32 columns.
template <BlockFloat kFormat, int = 1>
class CodedLine {
 public:
  TTX_INLINE CodedLine(const std::uint8_t* line, const ChunkScales<kFormat>& scales, std::int64_t pair)
      : line_(line), scale_(scales.scale + 2 * pair) {}

  /// Of register v of the columns.
  template <int kStep>
  TTX_INLINE Factor factor(int v) const {
    constexpr bool kEight = kFormat == BlockFloat::k8;
    const PartNumbers pairs = load_number_pairs<kFormat>(line_ + v * kRegisterLanes * (kEight ? 2 : 1));
    const PartNumbers numbers = kStep == 0 ? pairs & (kEight ? ~255 : ~15) : pairs << (kEight ? 24 : 28);
    const float* scale = scale_ + v * kRegisterLanes / kGroupSize * kGroupExponents + (kStep == 0 ? 1 : 0);
    return __builtin_convertvector(numbers, Vector) * (Vector)broadcast_bits(scale);
  }

  /// As bf16.
  TTX_INLINE PairVector pairs(int v) const {
    return (PairVector)factor<0>(v) | (PairVector)factor<1>(v) >> 16U;
  }

 private:
  const std::uint8_t* line_;
  const float* scale_;
};
