// SPDX-License-Identifier: Apache-2.0

/// How far ahead chunks are fetched for more than one row: the loop has too many instructions per line for
/// the hardware's own prefetch.
constexpr std::int64_t kAheadChunks = 8;

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
      : panels_(call.panels),
        stride_(block_float_panel_bytes(call.linear.k, kFormat)),
        scaling_(call.linear) {}

  /// Pairs [begin, end) of the rows times those of a panel.
  template <class Sums, class Rows>
  TTX_INLINE void multiply(Sums& sums, Rows& rows, std::int64_t panel, std::int64_t begin,
                           std::int64_t end) const {
    const std::uint8_t* chunk = panels_ + panel * stride_ + begin / kChunkPairs * chunk_bytes(kFormat);
    for (std::int64_t first = begin - begin % kChunkPairs; first < end; first += kChunkPairs) {
      multiply_chunk(sums, rows, chunk, first, begin < first ? first : begin,
                     first + kChunkPairs < end ? first + kChunkPairs : end);
      chunk += chunk_bytes(kFormat);
    }
  }

 private:
  template <class Sums, class Rows>
  TTX_INLINE void multiply_chunk(Sums& sums, Rows& rows, const std::uint8_t* chunk, std::int64_t first,
                                 std::int64_t begin, std::int64_t end) const {
    if constexpr (Sums::kRowCount == 1) {
      if (scaling_.allows(chunk)) {
        multiply_scaled<kFormat>(sums, rows, chunk, first, begin - first, end - first);
        return;
      }
    }
    if (!exponents_are_plain(chunk)) {
      multiply_expanded(sums, rows, chunk, first, begin, end);
      return;
    }
    alignas(64) ChunkScales<kFormat> scales;
    scales.read(chunk);
    // Beyond a panel's end lies the next one.
    const std::uint8_t* next = chunk + kAheadChunks * chunk_bytes(kFormat);
    fetch_line_nearer(next);
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      const std::int64_t line_at = kChunkExponents + (pair - first) * line_bytes(kFormat);
      fetch_line_nearer(next + line_at);
      const CodedLine<kFormat, Sums::kRowCount> line(chunk + line_at, scales, pair - first);
#pragma GCC unroll 2
      for (int v = 0; v < kPanelVectors; v += 2) {
        multiply_two<0>(sums, x, line, v);
        if constexpr (kSteps == 2) {
          multiply_two<1>(sums, x, line, v);
        }
      }
    });
  }

  /// Registers v and v + 1 of the columns, row by row: so a row's factor is needed but once.
  template <int kStep, class Sums, class Rows, class Line>
  TTX_INLINE static void multiply_two(Sums& sums, const Rows& x, const Line& line, int v) {
    const Factor left = line.template factor<kStep>(v);
    const Factor right = line.template factor<kStep>(v + 1);
#pragma GCC unroll 12
    for (int row = 0; row < Sums::kRowCount; ++row) {
      const Factor value = x.template factor<kStep>(row);
      sums.sum[row][v] = multiply_add(sums.sum[row][v], left, value);
      sums.sum[row][v + 1] = multiply_add(sums.sum[row][v + 1], right, value);
    }
  }

  /// The same for any exponents.
  template <class Sums, class Rows>
  TTX_INLINE void multiply_expanded(Sums& sums, Rows& rows, const std::uint8_t* chunk, std::int64_t first,
                                    std::int64_t begin, std::int64_t end) const {
    constexpr std::int64_t kLine = 2 * kPanelColumns;
    alignas(64) Bf16 lines[static_cast<std::size_t>(kChunkPairs * kLine)];
    expand_any<kFormat>(chunk, begin - first, end - first, lines);
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      sums.multiply(x, lines + (pair - begin) * kLine);
    });
  }

  const std::uint8_t* panels_;
  std::int64_t stride_;
  RowScaling scaling_;
};
