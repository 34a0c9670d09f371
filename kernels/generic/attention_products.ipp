// SPDX-License-Identifier: Apache-2.0

/// scores[row][key] for `panels` panels of keys; q is [rows][kMaxHeadDim]. The values are not needed yet.
TTX_WORK void score_block(const Bf16* q, std::int64_t rows, const Bf16* keys, const Bf16*,
                          std::int64_t head_dim, std::int64_t panels, float* scores) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t panel = 0; panel < panels; ++panel) {
      float* acc = scores + row * kKeyBlock + panel * kPanelColumns;
      for (std::int64_t c = 0; c < kPanelColumns; ++c) {
        acc[c] = 0.0F;
      }
      for (std::int64_t pair = 0; pair < head_dim / 2; ++pair) {
        multiply_pair(load_pair(q + row * kMaxHeadDim + 2 * pair),
                      keys + panel * panel_elements(head_dim) + pair * 2 * kPanelColumns, acc);
      }
    }
  }
}

/// acc[row] += p[row] times the values of pairs [0, pairs); p is [rows][kKeyBlock], acc [rows][kMaxHeadDim].
TTX_WORK void value_block(const Bf16* p, std::int64_t rows, const Bf16* values, const Bf16*,
                          std::int64_t head_dim, std::int64_t pairs, float* acc) {
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const Pair weight = load_pair(p + row * kKeyBlock + 2 * pair);
      for (std::int64_t d = 0; d < head_dim; d += kPanelColumns) {
        multiply_pair(weight, values + (pair * head_dim + d) * 2, acc + row * kMaxHeadDim + d);
      }
    }
  }
}

/// Which half of a pair of keys is seen.
enum class Half { kEven, kOdd };

/// One row, one pair of keys of which the other half's values are replaced by zeros; its weight is zero
/// already.
template <Half kSeen>
TTX_WORK void value_half_pair(const Bf16* p, const Bf16* values, std::int64_t head_dim, float* acc) {
  constexpr int kElement = kSeen == Half::kEven ? 0 : 1;
  const Pair weight = load_pair(p);
  for (std::int64_t d = 0; d < head_dim; d += kPanelColumns) {
    Bf16 pairs[2 * kPanelColumns] = {};
    for (std::int64_t c = 0; c < kPanelColumns; ++c) {
      pairs[2 * c + kElement] = values[(d + c) * 2 + kElement];
    }
    multiply_pair(weight, pairs, acc + d);
  }
}
