// SPDX-License-Identifier: Apache-2.0

// The block floats of kernels/block_float.hpp, exactly, for any exponents. In here a number of bfloat4_b counts
// in sixteenths, so that both formats have the same values: number * 2^(E - 133).

using Codes8 = std::int8_t __attribute__((vector_size(16)));
using Codes16 = std::int16_t __attribute__((vector_size(32)));
using Bytes16 = std::uint8_t __attribute__((vector_size(16)));

/// Sixteen numbers that share an exponent.
struct Group {
  LaneMask numbers;
  std::uint32_t exponent;
};

/// The greatest lane, in all lanes.
TTX_INLINE LaneBits greatest_everywhere(LaneBits value) {
  const auto greater = [](LaneBits a, LaneBits b) TTX_INLINED { return pick(a > b, a, b); };
  value = greater(value, __builtin_shufflevector(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5,
                                                 6, 7));
  value = greater(value, __builtin_shufflevector(value, value, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9,
                                                 10, 11));
  value = greater(value, __builtin_shufflevector(value, value, 2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15,
                                                 12, 13));
  return greater(value, __builtin_shufflevector(value, value, 1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12,
                                                15, 14));
}

/// Sixteen fp32 values, given by their bits. What the shift by the exponents' distance loses takes no part in
/// the rounding, as in Tenstorrent's packer.
template <BlockFloat kFormat>
TTX_INLINE Group quantise(LaneBits bits) {
  constexpr std::uint32_t kDropped = kFormat == BlockFloat::k8 ? 17U : 21U;
  constexpr std::uint32_t kMost = kFormat == BlockFloat::k8 ? 127U : 7U;
  constexpr std::uint32_t kUnit = kFormat == BlockFloat::k8 ? 1U : 16U;
  const LaneBits exponents = (bits >> 23U) & 0xFFU;
  const LaneBits shared = greatest_everywhere(exponents);
  const LaneBits distance = shared - exponents;
  const LaneBits shift = pick(distance < 31U, distance, LaneBits{} + 31U);
  const LaneBits aligned = ((bits & 0x007FFFFFU) | 0x00800000U) >> shift;
  const LaneBits half = LaneBits{} + ((1U << (kDropped - 1U)) - 1U);
  const LaneBits rounded = (aligned + half + ((aligned >> kDropped) & 1U)) >> kDropped;
  const LaneBits bounded = pick(rounded < kMost, rounded, LaneBits{} + kMost);
  const LaneMask zero = ((bits << 1U) == 0U) | (shared == 0U);
  const LaneMask numbers = (LaneMask)pick(zero, LaneBits{}, bounded * kUnit);
  return {pick((LaneMask)bits < 0, -numbers, numbers), shared[0]};
}

/// The fp32 bits of numbers that share an exponent.
TTX_INLINE LaneBits values_of(LaneMask numbers, std::uint32_t exponent) {
  const LaneMask magnitude = pick(numbers < 0, -numbers, numbers);
  const LaneMask bits = (LaneMask) __builtin_convertvector(magnitude, Lanes);
  const LaneMask moved = (bits >> 23) + (static_cast<std::int32_t>(exponent) - 133);
  const LaneBits value = (LaneBits)((bits & 0x007FFFFF) | moved << 23) | ((LaneBits)numbers & 0x80000000U);
  return pick((magnitude != 0) & (moved > 0), value, LaneBits{});
}

/// The numbers of 16 columns of a line, from column 16 * group on, as pairs: the odd k times 256 plus the even
/// k as an unsigned byte, or with nibbles times 16.
template <BlockFloat kFormat>
TTX_INLINE LaneMask load_numbers(const std::uint8_t* line, std::int64_t group) {
  if constexpr (kFormat == BlockFloat::k8) {
    Codes16 pairs;
    __builtin_memcpy(&pairs, line + group * 32, sizeof pairs);
    return __builtin_convertvector(pairs, LaneMask);
  } else {
    Codes8 pairs;
    __builtin_memcpy(&pairs, line + group * 16, sizeof pairs);
    return __builtin_convertvector(pairs, LaneMask);
  }
}

template <BlockFloat kFormat, class Numbers>
TTX_INLINE Numbers odd_numbers(Numbers pairs) {
  return kFormat == BlockFloat::k8 ? pairs >> 8 : pairs & ~15;
}

template <BlockFloat kFormat, class Numbers>
TTX_INLINE Numbers even_numbers(Numbers pairs) {
  return kFormat == BlockFloat::k8 ? (pairs << 24) >> 24 : (pairs << 28) >> 24;
}

/// Pair `pair` of a chunk as a line of a bf16 panel, [32][2].
template <BlockFloat kFormat>
TTX_INLINE void expand_line(const std::uint8_t* chunk, std::int64_t pair, Bf16* out) {
  const std::uint8_t* exponents = chunk + pair * kExponentsPerPair;
  const std::uint8_t* line = chunk + kChunkExponents + pair * line_bytes(kFormat);
  for (std::int64_t group = 0; group < 2; ++group) {
    const LaneMask pairs = load_numbers<kFormat>(line, group);
    const LaneBits even = values_of(even_numbers<kFormat>(pairs), exponents[2 * group]);
    const LaneBits odd = values_of(odd_numbers<kFormat>(pairs), exponents[2 * group + 1]);
    const LaneBits both = odd | even >> 16U;
    __builtin_memcpy(out + group * 2 * kGroupSize, &both, sizeof both);
  }
}

/// The chunk of pair `pair` of a panel.
template <BlockFloat kFormat>
TTX_INLINE const std::uint8_t* chunk_of(const std::uint8_t* panel, std::int64_t pair) {
  return panel + pair / kChunkPairs * chunk_bytes(kFormat);
}

template <BlockFloat kFormat>
TTX_INLINE void through_block_float_as(const ThroughBlockFloatCall& call) {
  for (std::int64_t i = 0; i < call.count; i += kGroupSize) {
    const std::int64_t rest = call.count - i;
    const Lanes x = rest >= kLanes ? load_bf16(call.x + i) : load_bf16_part(call.x + i, rest);
    const Group group = quantise<kFormat>((LaneBits)x);
    const LaneHalves values =
        __builtin_convertvector(values_of(group.numbers, group.exponent) >> 16U, LaneHalves);
    const auto bytes = static_cast<std::size_t>(rest < kGroupSize ? rest : kGroupSize) * sizeof(Bf16);
    __builtin_memcpy(call.out + i, &values, bytes);
  }
}

TTX_WORK void through_block_float_work(const ThroughBlockFloatCall& call) {
  call.format == BlockFloat::k8 ? through_block_float_as<BlockFloat::k8>(call)
                                : through_block_float_as<BlockFloat::k4>(call);
}
static_assert(kGroupSize == kLanes);
