// SPDX-License-Identifier: Apache-2.0

// Rests on pack_lines(), which packs a panel of bf16 that is read again at once.

TTX_INLINE std::uint8_t kept_exponent(std::uint32_t exponent) {
  return exponent == 0 ? kZeroExponent : static_cast<std::uint8_t>(exponent);
}

/// One pair of 32 columns, [32][2] bf16, into its places in a chunk. `exponents` are those of the first
/// group.
template <BlockFloat kFormat>
TTX_INLINE void pack_line(const Bf16* from, std::uint8_t* exponents, std::uint8_t* line) {
  for (std::int64_t group = 0; group < 2; ++group) {
    PartBits even_bits[static_cast<std::size_t>(kParts)];
    PartBits odd_bits[static_cast<std::size_t>(kParts)];
    for (std::int64_t part = 0; part < kParts; ++part) {
      PartBits pairs;
      __builtin_memcpy(&pairs, from + (group * kParts + part) * 2 * kRegisterLanes, sizeof pairs);
      even_bits[part] = pairs << 16U;
      odd_bits[part] = pairs & 0xFFFF0000U;
    }
    const Group even = quantise<kFormat>(even_bits);
    const Group odd = quantise<kFormat>(odd_bits);
    exponents[group * kGroupExponents] = kept_exponent(even.exponent);
    exponents[group * kGroupExponents + 1] = kept_exponent(odd.exponent);
    for (std::int64_t part = 0; part < kParts; ++part) {
      const auto low = (PartBits)even.numbers[part];
      const auto high = (PartBits)odd.numbers[part];
      const std::int64_t column = (group * kParts + part) * kRegisterLanes;
      if constexpr (kFormat == BlockFloat::k8) {
        const PartHalves both = __builtin_convertvector((low & 0xFFU) | (high & 0xFFU) << 8U, PartHalves);
        __builtin_memcpy(line + 2 * column, &both, sizeof both);
      } else {
        const PartBytes both = __builtin_convertvector((low >> 4U & 0xFU) | (high & 0xF0U), PartBytes);
        __builtin_memcpy(line + column, &both, sizeof both);
      }
    }
  }
}

/// Whole lines past the caches, or as they come where `to` does not begin with a line.
TTX_INLINE void copy_chunk(const std::uint8_t* from, std::int64_t bytes, std::uint8_t* to) {
  if (reinterpret_cast<std::uintptr_t>(to) % 64 != 0) {
    __builtin_memcpy(to, from, static_cast<std::size_t>(bytes));
    return;
  }
  for (std::int64_t i = 0; i < bytes; i += 16) {
    _mm_stream_ps(reinterpret_cast<float*>(to + i), _mm_load_ps(reinterpret_cast<const float*>(from + i)));
  }
}

template <BlockFloat kFormat>
TTX_INLINE void pack_block_float_as(const PackBlockFloatCall& call) {
  constexpr std::int64_t kLine = 2 * kPanelColumns;
  constexpr std::int64_t kChunkK = 2 * kChunkPairs;
  alignas(64) Bf16 lines[kChunkPairs * kLine];
  alignas(64) std::uint8_t chunk[static_cast<std::size_t>(chunk_bytes(kFormat))];
  std::uint8_t* to = call.panel;
  for (std::int64_t at = 0; at < call.k; at += kChunkK, to += chunk_bytes(kFormat)) {
    const std::int64_t k = call.k - at < kChunkK ? call.k - at : kChunkK;
    if (k < kChunkK) {
      __builtin_memset(static_cast<void*>(lines), 0, sizeof lines);
    }
    pack_lines({call.w + at, call.w_stride, call.columns, k, lines});
    for (std::int64_t pair = 0; pair < kChunkPairs; ++pair) {
      pack_line<kFormat>(lines + pair * kLine, chunk + 2 * pair,
                         chunk + kChunkExponents + pair * line_bytes(kFormat));
    }
    copy_chunk(chunk, chunk_bytes(kFormat), to);
  }
  _mm_sfence();
}

TTX_WORK void pack_block_float_work(const PackBlockFloatCall& call) {
  call.format == BlockFloat::k8 ? pack_block_float_as<BlockFloat::k8>(call)
                                : pack_block_float_as<BlockFloat::k4>(call);
}
