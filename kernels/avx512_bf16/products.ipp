// SPDX-License-Identifier: Apache-2.0

/// Where the rows of a tile lie: elements from a row to the next and from a pair to the next.
struct RowLayout {
  std::int64_t row;
  std::int64_t pair;
};

/// Accumulators of kRows rows by kVectors * 16 columns.
template <int kRows, int kVectors>
struct Accumulators {
  __m512 sum[static_cast<std::size_t>(kRows)][static_cast<std::size_t>(kVectors)];

  TTX_INLINE void clear() {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = _mm512_setzero_ps();
      }
    }
  }

  TTX_INLINE void load(const float* from, std::int64_t stride) {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = _mm512_loadu_ps(from + row * stride + v * kLanes);
      }
    }
  }

  /// sum = waiting + sum, as the tree over blocks adds.
  TTX_INLINE void merge(const float* waiting, std::int64_t stride) {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = _mm512_add_ps(_mm512_loadu_ps(waiting + row * stride + v * kLanes), sum[row][v]);
      }
    }
  }

  TTX_INLINE void store(float* to, std::int64_t stride) const {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        _mm512_storeu_ps(to + row * stride + v * kLanes, sum[row][v]);
      }
    }
  }

  /// The first `columns` columns of each row, as fp32 or bf16.
  template <class To>
  TTX_INLINE void store_columns_of(To* to, std::int64_t stride, std::int64_t columns) const {
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      const std::int64_t rest = columns - v * kLanes;
      if (rest <= 0) {
        return;
      }
#pragma GCC unroll 12
      for (int row = 0; row < kRows; ++row) {
        store_columns(sum[row][v], rest, to + row * stride + v * kLanes);
      }
    }
  }

  /// One pair of every row times one line of kVectors * 16 columns, 32 of them from each panel; panels are
  /// `panel_stride` elements apart.
  TTX_INLINE void multiply(const Bf16* x, std::int64_t x_row, const Bf16* w,
                           std::int64_t panel_stride = 2 * kPanelColumns) {
    __m512i weights[static_cast<std::size_t>(kVectors)];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      weights[v] = load_pairs(w + v / 2 * panel_stride + v % 2 * 2 * kLanes);
    }
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
      const __m512i pair = broadcast_pair(x + row * x_row);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = multiply_pairs(sum[row][v], weights[v], pair);
      }
    }
  }
};

/// Calls work.run<rows>() for a number of rows from 1 to kRowTile.
template <class Work>
TTX_INLINE void with_rows(std::int64_t rows, const Work& work) {
  switch (rows) {
    case 1:
      return work.template run<1>();
    case 2:
      return work.template run<2>();
    case 3:
      return work.template run<3>();
    case 4:
      return work.template run<4>();
    case 5:
      return work.template run<5>();
    case 6:
      return work.template run<6>();
    case 7:
      return work.template run<7>();
    case 8:
      return work.template run<8>();
    case 9:
      return work.template run<9>();
    case 10:
      return work.template run<10>();
    case 11:
      return work.template run<11>();
    default:
      return work.template run<12>();
  }
}
