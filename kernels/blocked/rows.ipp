// SPDX-License-Identifier: Apache-2.0

// What multiplies a line of weights: one pair of each of some rows, of which `factor<kStep>(row)` is what a
// step takes.

/// bf16 where they lie, converted at every use.
struct LyingRows {
  const Bf16* x;
  std::int64_t stride;

  template <int kStep>
  TTX_INLINE Factor factor(int row) const {
    return factor_of<kStep>(broadcast_bits(x + row * stride));
  }
};

/// Elements from a row to the next and from a pair to the next.
struct RowLayout {
  std::int64_t row;
  std::int64_t pair;
};
constexpr RowLayout kPackedRows{2, 2 * kRowTile};

/// The pairs of rows `first_row`, ... of x, in order: body(pair, rows) for pairs [begin, end).
class LyingPairs {
 public:
  TTX_INLINE LyingPairs(const Bf16* x, RowLayout layout, std::int64_t first_row)
      : x_(x + first_row * layout.row), layout_(layout) {}

  /// Of the first row.
  TTX_INLINE const Bf16* at(std::int64_t pair) const { return x_ + pair * layout_.pair; }

  template <class Body>
  TTX_INLINE void each(std::int64_t begin, std::int64_t end, const Body& body) const {
#pragma GCC unroll 2
    for (std::int64_t pair = begin; pair < end; ++pair) {
      body(pair, LyingRows{x_ + pair * layout_.pair, layout_.row});
    }
  }

 private:
  const Bf16* x_;
  RowLayout layout_;
};

/// A single pair of one row, for what takes the pairs of rows.
struct OnePair {
  LyingRows row;

  TTX_INLINE const Bf16* at(std::int64_t) const { return row.x; }

  template <class Body>
  TTX_INLINE void each(std::int64_t begin, std::int64_t, const Body& body) const {
    body(begin, row);
  }
};
