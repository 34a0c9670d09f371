// SPDX-License-Identifier: Apache-2.0

// Numbers are converted where they stand in a pair and multiplied by the power of two that puts them right,
// both exact for plain exponents. For one row it is the row that is multiplied, where RowScaling allows that.

/// A number counts in 2^24 where it is the even one of a pair, in 2^8 or, of nibbles, in 1 where it is the
/// odd one: so it is multiplied by 2^(exponent - 157), or by 2^(exponent - 141) or 2^(exponent - 133).
constexpr int kMostNegativePower = 157;
constexpr int kLeastNegativePower = 133;

/// The exponent of a power of two in fp32, less the exponent of a chunk.
template <BlockFloat kFormat>
constexpr std::uint32_t kPowerOfOdd = kFormat == BlockFloat::k8 ? 14 : 6;
constexpr std::uint32_t kPowerOfEven = 30;

/// The numbers of one step, not yet multiplied: of register v of a line's columns.
template <BlockFloat kFormat, int kStep>
TTX_INLINE Vector counted(const std::uint8_t* line, int v) {
  constexpr bool kEight = kFormat == BlockFloat::k8;
  const PartNumbers pairs = load_number_pairs<kFormat>(line + v * kRegisterLanes * (kEight ? 2 : 1));
  return __builtin_convertvector(kStep == 0 ? pairs & (kEight ? ~255 : ~15) : pairs << (kEight ? 24 : 28),
                                 Vector);
}

/// What the exponents of a chunk mean.
template <BlockFloat kFormat>
struct ChunkScales {
  float scale[kChunkExponents];

  TTX_INLINE void read(const std::uint8_t* exponents) {
    PartBits less;
    for (std::int64_t lane = 0; lane < kRegisterLanes; ++lane) {
      less[lane] = lane % 2 == 0 ? kPowerOfEven : kPowerOfOdd<kFormat>;
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
    const float* scale = scale_ + v * kRegisterLanes / kGroupSize * kGroupExponents + (kStep == 0 ? 1 : 0);
    return counted<kFormat, kStep>(line_, v) * (Vector)broadcast_bits(scale);
  }

  /// As bf16.
  TTX_INLINE PairVector pairs(int v) const {
    return (PairVector)factor<0>(v) | (PairVector)factor<1>(v) >> 16U;
  }

 private:
  const std::uint8_t* line_;
  const float* scale_;
};

/// Pairs [begin, end) of a chunk that begins with pair `first` times those of one row, which is scaled as
/// RowScaling allows.
template <BlockFloat kFormat, class Sums, class Rows>
TTX_INLINE void multiply_scaled(Sums& sums, Rows& rows, const std::uint8_t* chunk, std::int64_t first,
                                std::int64_t begin, std::int64_t end) {
  Bf16 part[2 * kChunkPairs] = {};
  const Bf16* x = rows.at(first + begin);
  if (end - begin < kChunkPairs) {
    __builtin_memcpy(static_cast<void*>(part + 2 * begin), x,
                     static_cast<std::size_t>(2 * (end - begin)) * sizeof(Bf16));
    x = part;
  }
  alignas(64) float scaled[2][2][kChunkPairs];  // groups, steps
  for (std::int64_t i = 0; i < kChunkPairs; i += kRegisterLanes) {
    const PairVector pairs = load_pairs(x + 2 * i);
    const Vector odd = factor_of<0>(pairs);
    const Vector even = factor_of<1>(pairs);
    for (std::int64_t group = 0; group < 2; ++group) {
      const auto both = (PartBits)load_number_pairs<BlockFloat::k8>(chunk + group * kGroupExponents + 2 * i);
      const PartBits odd_power = ((both >> 8U & 0xFFU) - kPowerOfOdd<kFormat>) << 23U;
      const PartBits even_power = ((both & 0xFFU) - kPowerOfEven) << 23U;
      store_vector(odd * (Vector)odd_power, scaled[group][0] + i);
      store_vector(even * (Vector)even_power, scaled[group][1] + i);
    }
  }
#pragma GCC unroll 2
  for (std::int64_t pair = begin; pair < end; ++pair) {
    const std::uint8_t* line = chunk + kChunkExponents + pair * line_bytes(kFormat);
#pragma GCC unroll 4
    for (int v = 0; v < kPanelVectors; ++v) {
      const auto& powers = scaled[v * kRegisterLanes / kGroupSize];
      Vector& sum = sums.sum[0][v];
      sum = multiply_add(sum, counted<kFormat, 0>(line, v), (Vector)broadcast_bits(powers[0] + pair));
      sum = multiply_add(sum, counted<kFormat, 1>(line, v), (Vector)broadcast_bits(powers[1] + pair));
    }
  }
}
