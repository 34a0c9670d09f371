// SPDX-License-Identifier: Apache-2.0

/// fp32 rows that hold bf16 values.
struct OperandRows {
  const float* x;
  std::int64_t stride;

  template <int kStep>
  TTX_INLINE Factor factor(int row) const {
    return (Vector)broadcast_bits(x + row * stride + (kStep == 0 ? 1 : 0));
  }
};

/// One pair of packed rows, widened: the odd elements, then the even ones.
struct WidenedRows {
  const float* x;

  template <int kStep>
  TTX_INLINE Factor factor(int row) const {
    return (Vector)broadcast_bits(x + kStep * kRegisterLanes + row);
  }
};

/// As LyingPairs, for packed rows only: pairs are widened in registers as wide as the weights' some time
/// before their turn, so that a factor of many products costs one load.
class WidenedPairs {
 public:
  TTX_INLINE WidenedPairs(const Bf16* x, RowLayout, std::int64_t first_row) {
    // A register that would reach beyond the tile begins earlier.
    const std::int64_t last_start = kRegisterLanes < kRowTile ? kRowTile - kRegisterLanes : 0;
    const std::int64_t start = first_row < last_start ? first_row : last_start;
    x_ = x + start * kPackedRows.row;
    first_ = first_row - start;
  }

  template <class Body>
  TTX_INLINE void each(std::int64_t begin, std::int64_t end, const Body& body) {
    alignas(64) float chunks[2][kChunk][kSteps * kRegisterLanes];
    widen_chunk(begin, end, chunks[0]);
    int turn = 0;
    for (std::int64_t at = begin; at < end; at += kChunk) {
      widen_chunk(at + kChunk, end, chunks[1 - turn]);
      const std::int64_t count = end - at < kChunk ? end - at : kChunk;
      for (std::int64_t i = 0; i < count; ++i) {
        body(at + i, WidenedRows{chunks[turn][i] + first_});
      }
      turn = 1 - turn;
    }
  }

 private:
  static constexpr std::int64_t kChunk = 8;

  TTX_INLINE void widen_chunk(std::int64_t at, std::int64_t end, float (*to)[kSteps * kRegisterLanes]) const {
    for (std::int64_t i = 0; i < kChunk && at + i < end; ++i) {
      const PairVector pairs = load_tile_pairs(x_ + (at + i) * kPackedRows.pair);
      store_vector(factor_of<0>(pairs), to[i]);
      store_vector(factor_of<1>(pairs), to[i] + kRegisterLanes);
    }
  }

  const Bf16* x_;
  std::int64_t first_;  ///< of the rows, in what is widened
};

/// A few rows are not worth the detour.
template <int kRows>
using RowFeed = std::conditional_t<(kRows > 3), WidenedPairs, LyingPairs>;
