// SPDX-License-Identifier: Apache-2.0

/// How far ahead chunks are fetched: the loop has too many instructions per line for the hardware's own
/// prefetch.
constexpr std::int64_t kAheadChunks = 2;

/// Pairs [begin, end) of a panel's chunk as bf16 lines, whatever its exponents.
template <BlockFloat kFormat>
TTX_WORK void expand_any(const std::uint8_t* chunk, std::int64_t begin, std::int64_t end, Bf16* out) {
  // g++ 12 takes this for a function without effects and leaves calls out.
  __asm__ volatile("" : : : "memory");
  for (std::int64_t pair = begin; pair < end; ++pair) {
    expand_line<kFormat>(chunk, pair, out + (pair - begin) * 2 * kPanelColumns);
  }
}

/// Panels of block floats, for FewRows.
template <BlockFloat kFormat>
class BlockFloatPanels {
 public:
  explicit BlockFloatPanels(const BlockFloatLinearCall& call)
      : panels_(call.panels), stride_(block_float_panel_bytes(call.linear.k, kFormat)) {}

  /// Pairs [begin, end) of the rows times those of kPanels panels from `panel` on.
  template <int kPanels, class Sums, class Rows>
  TTX_INLINE void multiply(Sums& sums, Rows& rows, std::int64_t panel, std::int64_t begin,
                           std::int64_t end) const {
    for (std::int64_t first = begin - begin % kChunkPairs; first < end; first += kChunkPairs) {
      multiply_chunk<kPanels>(sums, rows, panels_ + panel * stride_, first, begin < first ? first : begin,
                              first + kChunkPairs < end ? first + kChunkPairs : end);
    }
  }

 private:
  template <int kPanels, class Sums, class Rows>
  TTX_INLINE void multiply_chunk(Sums& sums, Rows& rows, const std::uint8_t* panel, std::int64_t first,
                                 std::int64_t begin, std::int64_t end) const {
    const std::int64_t at = first / kChunkPairs * chunk_bytes(kFormat);
    const std::uint8_t* chunk = panel + at;
    // Behind a panel's end the next to be read is not the neighbour, which is under way, but that of the next
    // group.
    const std::int64_t ahead = at + kAheadChunks * chunk_bytes(kFormat);
    const std::uint8_t* next = panel + ahead + (ahead < stride_ ? 0 : (kPanels - 1) * stride_);
    if constexpr (kScalesTheRow && Sums::kRowCount == 1) {
      if (multiply_scaled<kFormat, kPanels>(sums, rows, chunk, next, stride_, first, begin - first,
                                            end - first)) {
        return;
      }
    }
    alignas(64) ChunkScales<kFormat> scales[static_cast<std::size_t>(kPanels)];
    bool plain = true;
#pragma GCC unroll 4
    for (int p = 0; p < kPanels; ++p) {
      fetch_line(next + p * stride_);
      plain = exponents_are_plain(chunk + p * stride_) && plain;
      scales[p].read(chunk + p * stride_);
    }
    if (!plain) {
      multiply_expanded<kPanels>(sums, rows, chunk, first, begin, end);
      return;
    }
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      const std::int64_t line_at = kChunkExponents + (pair - first) * line_bytes(kFormat);
#pragma GCC unroll 4
      for (int p = 0; p < kPanels; ++p) {
        fetch_line(next + p * stride_ + line_at);
        const CodedLine<kFormat> line(chunk + p * stride_ + line_at, scales[p], pair - first);
        multiply_line(sums, x, line, p * kPanelVectors);
      }
    });
  }

  template <class Sums, class Rows>
  TTX_INLINE static void multiply_line(Sums& sums, const Rows& x, const CodedLine<kFormat>& line, int first) {
#pragma GCC unroll 4
    for (int v = 0; v < kPanelVectors; ++v) {
      multiply_register<0>(sums, x, line, first, v);
      if constexpr (kSteps == 2) {
        multiply_register<1>(sums, x, line, first, v);
      }
    }
  }

  template <int kStep, class Sums, class Rows>
  TTX_INLINE static void multiply_register(Sums& sums, const Rows& x, const CodedLine<kFormat>& line,
                                           int first, int v) {
    const Factor weights = line.template factor<kStep>(v);
#pragma GCC unroll 12
    for (int row = 0; row < Sums::kRowCount; ++row) {
      sums.sum[row][first + v] =
          multiply_add(sums.sum[row][first + v], weights, x.template factor<kStep>(row));
    }
  }

  /// The same for any exponents.
  template <int kPanels, class Sums, class Rows>
  TTX_INLINE void multiply_expanded(Sums& sums, Rows& rows, const std::uint8_t* chunk, std::int64_t first,
                                    std::int64_t begin, std::int64_t end) const {
    constexpr std::int64_t kLine = 2 * kPanelColumns;
    alignas(64) Bf16 lines[static_cast<std::size_t>(kPanels * kChunkPairs * kLine)];
    for (int p = 0; p < kPanels; ++p) {
      expand_any<kFormat>(chunk + p * stride_, begin - first, end - first, lines + p * kChunkPairs * kLine);
    }
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      sums.multiply(x, lines + (pair - begin) * kLine, kChunkPairs * kLine);
    });
  }

  const std::uint8_t* panels_;
  std::int64_t stride_;
};
