// SPDX-License-Identifier: Apache-2.0

/// Where column 16 * i of a strip of panels lies, panels being `panel_stride` elements apart; 0 is the
/// strip's start.
template <std::int64_t kColumns>
TTX_INLINE std::int64_t strip_offset(std::int64_t i, std::int64_t panel_stride) {
  constexpr std::int64_t kPerPanel = kPanelColumns / kColumns;
  return i / kPerPanel * panel_stride + i % kPerPanel * 2 * kColumns;
}

/// Accumulators of kRows rows by kVectors registers of columns.
template <int kRows, int kVectors>
struct Accumulators {
  static constexpr int kRowCount = kRows;
  static constexpr std::int64_t kColumns = kVectors * kRegisterLanes;

  Vector sum[static_cast<std::size_t>(kRows)][static_cast<std::size_t>(kVectors)];

  TTX_INLINE void clear() {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = Vector{};
      }
    }
  }

  TTX_INLINE void load(const float* from, std::int64_t stride) {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = load_vector(from + row * stride + v * kRegisterLanes);
      }
    }
  }

  /// sum = waiting + sum, as the tree over blocks adds.
  TTX_INLINE void merge(const float* waiting, std::int64_t stride) {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = load_vector(waiting + row * stride + v * kRegisterLanes) + sum[row][v];
      }
    }
  }

  TTX_INLINE void store(float* to, std::int64_t stride) const {
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        store_vector(sum[row][v], to + row * stride + v * kRegisterLanes);
      }
    }
  }

  /// The first `columns` columns of each row, plus their bias unless it is null, as fp32 or bf16.
  template <class To>
  TTX_INLINE void store_columns(To* to, std::int64_t stride, std::int64_t columns, const Bf16* bias) const {
    alignas(64) float whole[static_cast<std::size_t>(kRows * kColumns)];
    store(whole, kColumns);
    for (int row = 0; row < kRows; ++row) {
      for (std::int64_t c = 0; c < kColumns && c < columns; c += kLanes) {
        const Lanes sums = load_f32(whole + row * kColumns + c);
        store_up_to(bias == nullptr ? sums : sums + load_up_to(bias + c, columns - c), to + row * stride + c,
                    columns - c);
      }
    }
  }

  /// One pair of every row times one line of kVectors registers of columns; panels are `panel_stride`
  /// elements apart.
  template <class Rows>
  TTX_INLINE void multiply(const Rows& x, const Bf16* w, std::int64_t panel_stride = 2 * kPanelColumns) {
    step<0>(x, w, panel_stride);
    if constexpr (kSteps == 2) {
      // The compiler is not to know that these are the weights it has: loaded again they need no registers
      // meanwhile.
      const Bf16* again = w;
      __asm__("" : "+r"(again));
      step<1>(x, again, panel_stride);
    }
  }

 private:
  template <int kStep, class Rows>
  TTX_INLINE void step(const Rows& x, const Bf16* w, std::int64_t panel_stride) {
    Factor weights[static_cast<std::size_t>(kVectors)];
#pragma GCC unroll 8
    for (int v = 0; v < kVectors; ++v) {
      weights[v] = factor_of<kStep>(load_pairs(w + strip_offset<kRegisterLanes>(v, panel_stride)));
    }
#pragma GCC unroll 12
    for (int row = 0; row < kRows; ++row) {
      const Factor value = x.template factor<kStep>(row);
#pragma GCC unroll 8
      for (int v = 0; v < kVectors; ++v) {
        sum[row][v] = multiply_add(sum[row][v], weights[v], value);
      }
    }
  }
};

/// Calls work.run<kRows>(first) for `rows` rows from 1 to kMost, `first` being the first.
template <int kMost, class Work>
TTX_INLINE void with_rows(std::int64_t rows, std::int64_t first, const Work& work) {
  if (rows == kMost) {
    work.template run<kMost>(first);
  } else if constexpr (kMost > 1) {
    with_rows<kMost - 1>(rows, first, work);
  }
}

/// The same for up to kRowTile rows, in two halves where the registers do not hold them together.
template <class Work>
TTX_INLINE void with_tile_rows(std::int64_t rows, const Work& work) {
  if constexpr (kMostRows < kRowTile) {
    if (rows > kMostRows) {
      const std::int64_t half = (rows + 1) / 2;
      with_rows<kMostRows>(half, 0, work);
      with_rows<kMostRows>(rows - half, half, work);
      return;
    }
  }
  with_rows<kMostRows>(rows, 0, work);
}
