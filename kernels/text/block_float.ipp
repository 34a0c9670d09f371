// SPDX-License-Identifier: Apache-2.0

// The block floats of kernels/block_float.hpp, exactly, for any exponents. In here a number of bfloat4_b
// counts in sixteenths, so that both formats have the same values: number * 2^(E - 133).
//
// A group is taken in parts of a register, for comparisons of wider vectors are compiled lane by lane. The
// including source defines kRegisterLanes (4, 8 or 16).

using PartBits = std::uint32_t __attribute__((vector_size(kRegisterLanes * 4)));
using PartNumbers = std::int32_t __attribute__((vector_size(kRegisterLanes * 4)));
using PartFloats = float __attribute__((vector_size(kRegisterLanes * 4)));
using PartHalves = std::uint16_t __attribute__((vector_size(kRegisterLanes * 2)));
using PartBytes = std::uint8_t __attribute__((vector_size(kRegisterLanes)));

constexpr std::int64_t kParts = kGroupSize / kRegisterLanes;

template <class Values>
TTX_INLINE Values choose(PartNumbers mask, Values a, Values b) {
  return mask ? a : b;
}

/// Sixteen numbers that share an exponent.
struct Group {
  PartNumbers numbers[static_cast<std::size_t>(kParts)];
  std::uint32_t exponent;
};

/// The greatest of 16 lanes that are not negative.
TTX_INLINE std::uint32_t greatest_of(const PartBits (&parts)[static_cast<std::size_t>(kParts)]) {
  using Quad = std::int32_t __attribute__((vector_size(16)));
  Quad quads[4];
  __builtin_memcpy(quads, parts, sizeof quads);
  const auto greater = [](Quad a, Quad b) TTX_INLINED { return a > b ? a : b; };
  Quad most = greater(greater(quads[0], quads[1]), greater(quads[2], quads[3]));
  most = greater(most, __builtin_shufflevector(most, most, 2, 3, 0, 1));
  most = greater(most, __builtin_shufflevector(most, most, 1, 0, 3, 2));
  return static_cast<std::uint32_t>(most[0]);
}

/// Sixteen fp32 values, given by their bits. What the shift by the exponents' distance loses takes no part in
/// the rounding, as in Tenstorrent's packer. Of a greatest exponent 0 the numbers are zeros.
template <BlockFloat kFormat>
TTX_INLINE Group quantise(const PartBits (&bits)[static_cast<std::size_t>(kParts)]) {
  constexpr std::uint32_t kDropped = kFormat == BlockFloat::k8 ? 17U : 21U;
  constexpr std::uint32_t kMost = kFormat == BlockFloat::k8 ? 127U : 7U;
  constexpr std::uint32_t kUnit = kFormat == BlockFloat::k8 ? 0U : 4U;
  PartBits exponents[static_cast<std::size_t>(kParts)];
  for (std::int64_t part = 0; part < kParts; ++part) {
    exponents[part] = (bits[part] >> 23U) & 0xFFU;
  }
  Group group;
  group.exponent = greatest_of(exponents);
  for (std::int64_t part = 0; part < kParts; ++part) {
    const PartBits distance = group.exponent - exponents[part];
    // By 31 at most; 24 leave nothing. None of the numbers has bit 31, so they may be compared as signed.
    const PartBits shift = choose((PartNumbers)distance < 31, distance, PartBits{} + 31U);
    const PartBits aligned = ((bits[part] & 0x007FFFFFU) | 0x00800000U) >> shift;
    const PartBits half = PartBits{} + ((1U << (kDropped - 1U)) - 1U);
    const PartBits rounded = (aligned + half + ((aligned >> kDropped) & 1U)) >> kDropped;
    const PartBits bounded =
        choose((PartNumbers)rounded < static_cast<std::int32_t>(kMost), rounded, PartBits{} + kMost);
    const PartNumbers some = (PartNumbers)(bits[part] << 1U) != 0;
    const PartNumbers magnitude = (PartNumbers)(bounded << kUnit) & some;
    const PartNumbers sign = (PartNumbers)bits[part] >> 31;  // -1 or 0
    group.numbers[part] = group.exponent == 0 ? PartNumbers{} : (magnitude ^ sign) - sign;
  }
  return group;
}

/// The fp32 bits of numbers that share an exponent.
TTX_INLINE PartBits values_of(PartNumbers numbers, std::uint32_t exponent) {
  const PartNumbers sign = numbers >> 31;
  const PartNumbers magnitude = (numbers ^ sign) - sign;
  const PartNumbers bits = (PartNumbers) __builtin_convertvector(magnitude, PartFloats);
  const PartNumbers moved = (bits >> 23) + (static_cast<std::int32_t>(exponent) - 133);
  const PartNumbers some = (magnitude > 0) & (moved > 0);
  return (PartBits)(((bits & 0x007FFFFF) | moved << 23 | (sign & static_cast<std::int32_t>(0x80000000U))) &
                    some);
}

/// The numbers of a register of columns of a line, from column kRegisterLanes * part on, as pairs: the odd k
/// times 256 plus the even k as an unsigned byte, or with nibbles times 16.
template <BlockFloat kFormat>
TTX_INLINE PartNumbers load_numbers(const std::uint8_t* line, std::int64_t part) {
  if constexpr (kFormat == BlockFloat::k8) {
    PartHalves pairs;
    __builtin_memcpy(&pairs, line + part * kRegisterLanes * 2, sizeof pairs);
    return (PartNumbers)(__builtin_convertvector(pairs, PartBits) << 16U) >> 16;
  } else {
    PartBytes pairs;
    __builtin_memcpy(&pairs, line + part * kRegisterLanes, sizeof pairs);
    return (PartNumbers)(__builtin_convertvector(pairs, PartBits) << 24U) >> 24;
  }
}

/// Pair `pair` of a chunk as a line of a bf16 panel, [32][2].
template <BlockFloat kFormat>
TTX_INLINE void expand_line(const std::uint8_t* chunk, std::int64_t pair, Bf16* out) {
  const std::uint8_t* line = chunk + kChunkExponents + pair * line_bytes(kFormat);
  for (std::int64_t part = 0; part < 2 * kParts; ++part) {
    const std::uint8_t* exponents = chunk + part / kParts * kGroupExponents + 2 * pair;
    const PartNumbers pairs = load_numbers<kFormat>(line, part);
    const PartNumbers even = kFormat == BlockFloat::k8 ? (pairs << 24) >> 24 : (pairs << 28) >> 24;
    const PartNumbers odd = kFormat == BlockFloat::k8 ? pairs >> 8 : pairs & ~15;
    const PartBits both = values_of(odd, exponents[1]) | values_of(even, exponents[0]) >> 16U;
    __builtin_memcpy(out + part * 2 * kRegisterLanes, &both, sizeof both);
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
    const std::int64_t count = call.count - i < kGroupSize ? call.count - i : kGroupSize;
    Bf16 values[kGroupSize] = {};
    __builtin_memcpy(static_cast<void*>(values), call.x + i, static_cast<std::size_t>(count) * sizeof(Bf16));
    PartBits bits[static_cast<std::size_t>(kParts)];
    for (std::int64_t part = 0; part < kParts; ++part) {
      PartHalves halves;
      __builtin_memcpy(&halves, values + part * kRegisterLanes, sizeof halves);
      bits[part] = __builtin_convertvector(halves, PartBits) << 16U;
    }
    const Group group = quantise<kFormat>(bits);
    for (std::int64_t part = 0; part < kParts; ++part) {
      const PartHalves halves =
          __builtin_convertvector(values_of(group.numbers[part], group.exponent) >> 16U, PartHalves);
      __builtin_memcpy(static_cast<void*>(values + part * kRegisterLanes), &halves, sizeof halves);
    }
    __builtin_memcpy(static_cast<void*>(call.out + i), values,
                     static_cast<std::size_t>(count) * sizeof(Bf16));
  }
}

TTX_WORK void through_block_float_work(const ThroughBlockFloatCall& call) {
  call.format == BlockFloat::k8 ? through_block_float_as<BlockFloat::k8>(call)
                                : through_block_float_as<BlockFloat::k4>(call);
}
