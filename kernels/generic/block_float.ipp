// SPDX-License-Identifier: Apache-2.0

/// The lines of a panel as bf16, expanded when they are asked for.
template <BlockFloat kFormat>
class ExpandedLines {
 public:
  explicit ExpandedLines(const std::uint8_t* panel) : panel_(panel) {}

  const Bf16* operator()(std::int64_t pair) const {
    expand_line<kFormat>(chunk_of<kFormat>(panel_, pair), pair % kChunkPairs, line_);
    return line_;
  }

 private:
  const std::uint8_t* panel_;
  mutable Bf16 line_[2 * kPanelColumns];
};

template <BlockFloat kFormat>
TTX_WORK void block_float_linear_as(const BlockFloatLinearCall& call) {
  linear_over(call.linear, [&call](std::int64_t panel) {
    return ExpandedLines<kFormat>(call.panels + panel * block_float_panel_bytes(call.linear.k, kFormat));
  });
}

TTX_WORK void block_float_linear_work(const BlockFloatLinearCall& call) {
  call.format == BlockFloat::k8 ? block_float_linear_as<BlockFloat::k8>(call)
                                : block_float_linear_as<BlockFloat::k4>(call);
}

TTX_INLINE void stream_register(const void* from, void* to) {
  _mm_stream_ps(static_cast<float*>(to), _mm_load_ps(static_cast<const float*>(from)));
}

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

template <BlockFloat kFormat>
TTX_INLINE void pack_chunk(const PackBlockFloatCall& call, std::int64_t at, std::uint8_t* chunk) {
  constexpr std::int64_t kLine = 2 * kPanelColumns;
  constexpr std::int64_t kChunkK = 2 * kChunkPairs;
  Bf16 lines[kChunkPairs * kLine] = {};
  interleave_pairs(call.w + at, call.w_stride, call.columns, call.k - at < kChunkK ? call.k - at : kChunkK,
                   kPanelColumns, lines);
  for (std::int64_t pair = 0; pair < kChunkPairs; ++pair) {
    pack_line<kFormat>(lines + pair * kLine, chunk + 2 * pair,
                       chunk + kChunkExponents + pair * line_bytes(kFormat));
  }
}
