// SPDX-License-Identifier: Apache-2.0

/// Keys and values are two streams that pass once in decode: while the keys are at work, the same part
/// of the next block's keys and of this block's values is fetched.
struct ScoreBlock {
  const Bf16* q;
  const Bf16* keys;
  const Bf16* next_keys;
  const Bf16* values;
  std::int64_t head_dim;
  std::int64_t panels;
  float* scores;

  /// Few rows take both panels at once: enough independent sums to hide the latency of one.
  template <int kRows>
  TTX_WORK void run() const {
    const std::int64_t stride = panel_elements(head_dim);
    if constexpr (kRows <= 6) {
      if (panels == 2) {
        multiply_panels<kRows, 2>(0, stride);
        return;
      }
    }
    for (std::int64_t panel = 0; panel < panels; ++panel) {
      multiply_panels<kRows, 1>(panel, stride);
    }
  }

  template <int kRows, int kPanels>
  TTX_INLINE void multiply_panels(std::int64_t panel, std::int64_t stride) const {
    Accumulators<kRows, 2 * kPanels> sums;
    sums.clear();
    for (std::int64_t pair = 0; pair < head_dim / 2; ++pair) {
      const std::int64_t line = panel * stride + pair * 2 * kPanelColumns;
#pragma GCC unroll 2
      for (std::int64_t part = 0; part < kPanels; ++part) {
        fetch_line(next_keys + line + part * stride);
        fetch_line(values + line + part * stride);
      }
      sums.multiply(q + 2 * pair, kMaxHeadDim, keys + line, stride);
    }
    sums.store(scores + panel * kPanelColumns, kKeyBlock);
  }
};

/// scores[row][key] for `panels` panels of keys; q is [rows][kMaxHeadDim]. `values` are those of the same
/// block.
TTX_INLINE void score_block(const Bf16* q, std::int64_t rows, const Bf16* keys, const Bf16* values,
                            std::int64_t head_dim, std::int64_t panels, float* scores) {
  with_rows(rows, ScoreBlock{.q = q,
                             .keys = keys,
                             .next_keys = keys + kKeyBlock * head_dim,
                             .values = values,
                             .head_dim = head_dim,
                             .panels = panels,
                             .scores = scores});
}

struct ValuePairs {
  const Bf16* p;
  const Bf16* values;
  std::int64_t head_dim;
  std::int64_t pairs;
  float* acc;

  /// Few rows take many columns at once: enough independent sums, and the values pass in order.
  template <int kRows>
  TTX_WORK void run() const {
    constexpr int kVectors = kRows <= 3 ? 8 : kRows <= 6 ? 4 : 2;
    std::int64_t d = 0;
    for (; d + kVectors * kLanes <= head_dim; d += kVectors * kLanes) {
      columns<kRows, kVectors>(d);
    }
    for (; d < head_dim; d += 2 * kLanes) {
      columns<kRows, 2>(d);
    }
  }

  template <int kRows, int kVectors>
  TTX_INLINE void columns(std::int64_t d) const {
    Accumulators<kRows, kVectors> sums;
    sums.load(acc + d, kMaxHeadDim);
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      sums.multiply(p + 2 * pair, kKeyBlock, values + (pair * head_dim + d) * 2);
    }
    sums.store(acc + d, kMaxHeadDim);
  }
};

/// acc[row] += p[row] times the values of pairs [0, pairs); p is [rows][kKeyBlock], acc [rows][kMaxHeadDim].
TTX_INLINE void value_block(const Bf16* p, std::int64_t rows, const Bf16* values, std::int64_t head_dim,
                            std::int64_t pairs, float* acc) {
  if (pairs > 0) {
    with_rows(rows, ValuePairs{p, values, head_dim, pairs, acc});
  }
}

/// The rest of one row: keys [2 * first_pair, live). The dead half of a last pair is replaced by zeros.
TTX_INLINE void value_rest(const Bf16* p, const Bf16* values, std::int64_t head_dim, std::int64_t first_pair,
                           std::int64_t live, float* acc) {
  value_block(p + 2 * first_pair, 1, values + first_pair * head_dim * 2, head_dim, live / 2 - first_pair,
              acc);
  if (live % 2 == 0) {
    return;
  }
  const __m512i even_halves = _mm512_set1_epi32(0xFFFF);
  const __m512i weight = _mm512_set1_epi32(p[live - 1].bits);
  for (std::int64_t d = 0; d < head_dim; d += kLanes) {
    const __m512i pairs = _mm512_and_si512(even_halves, load_pairs(values + (live / 2 * head_dim + d) * 2));
    _mm512_storeu_ps(acc + d, multiply_pairs(_mm512_loadu_ps(acc + d), pairs, weight));
  }
}
