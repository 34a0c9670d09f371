// SPDX-License-Identifier: Apache-2.0

// Numbers are converted and multiplied by the power of two of their group, both exact for plain exponents.

using Numbers = std::int32_t __attribute__((vector_size(kRegisterLanes * 4)));

/// What the exponents of a chunk mean.
struct ChunkScales {
  float scale[kChunkExponents];

  TTX_INLINE void read(const std::uint8_t* exponents) {
    for (std::int64_t i = 0; i < kChunkExponents; i += kLanes) {
      Bytes16 bytes;
      __builtin_memcpy(&bytes, exponents + i, sizeof bytes);
      const LaneBits e = __builtin_convertvector(bytes, LaneBits);
      // 2^(e - 133); zero for a group of zeros.
      store_f32((Lanes)(pick(e > 6U, e - 6U, LaneBits{}) << 23U), scale + i);
    }
  }
};

/// One pair of 32 columns.
template <BlockFloat kFormat>
class CodedLine {
 public:
  TTX_INLINE CodedLine(const std::uint8_t* line, const ChunkScales& scales, std::int64_t pair)
      : line_(line), scale_(scales.scale + pair * kExponentsPerPair) {}

  /// Of register v of the columns.
  template <int kStep>
  TTX_INLINE Factor factor(int v) const {
    const Numbers pairs = load(v);
    const Numbers numbers = kStep == 0 ? odd_numbers<kFormat>(pairs) : even_numbers<kFormat>(pairs);
    const float* scale = scale_ + v * kRegisterLanes / kGroupSize * 2 + (kStep == 0 ? 1 : 0);
    return __builtin_convertvector(numbers, Vector) * (Vector)broadcast_bits(scale);
  }

  /// As bf16.
  TTX_INLINE PairVector pairs(int v) const { return (PairVector)factor<0>(v) | (PairVector)factor<1>(v) >> 16U; }

 private:
  TTX_INLINE Numbers load(int v) const {
    if constexpr (kFormat == BlockFloat::k8) {
      std::int16_t __attribute__((vector_size(kRegisterLanes * 2))) pairs;
      __builtin_memcpy(&pairs, line_ + v * kRegisterLanes * 2, sizeof pairs);
      return __builtin_convertvector(pairs, Numbers);
    } else {
      std::int8_t __attribute__((vector_size(kRegisterLanes))) pairs;
      __builtin_memcpy(&pairs, line_ + v * kRegisterLanes, sizeof pairs);
      return __builtin_convertvector(pairs, Numbers);
    }
  }

  const std::uint8_t* line_;
  const float* scale_;
};
