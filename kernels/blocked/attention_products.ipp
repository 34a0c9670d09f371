// SPDX-License-Identifier: Apache-2.0

/// Keys and values pass once in decode, each line after the one before it. With one or two rows to multiply
/// the processor's own prefetch keeps up, and every fetch that is asked for beside it costs time. With more
/// it falls behind: then, while the keys are at work, the same part of the block's values is fetched, and
/// while these are, the same part of the next block's keys: into the second level of the cache, whose queue
/// is longer than the first's, and which all three fit into.
constexpr bool fetches_ahead(int rows) { return rows > 2; }

struct ScoreBlock {
  const Operand* q;
  const Bf16* keys;
  const Bf16* values;
  std::int64_t head_dim;
  std::int64_t panels;
  float* scores;

  /// One panel after the other: two at once would be two streams.
  template <int kRows>
  TTX_WORK void run(std::int64_t first) const {
    constexpr int kVectors = vectors_beside(kRows) < kPanelVectors ? vectors_beside(kRows) : kPanelVectors;
    const int vectors = static_cast<int>(panels) * kPanelVectors;
    for (int v = 0; v < vectors; v += kVectors) {
      strip<kRows, kVectors>(first, v);
    }
  }

  template <int kRows, int kVectors>
  TTX_INLINE void strip(std::int64_t first, int vector) const {
    constexpr std::int64_t kLines = kVectors * kRegisterLanes / kLineColumns;
    const std::int64_t stride = panel_elements(head_dim);
    const std::int64_t start = strip_offset<kRegisterLanes>(vector, stride);
    Accumulators<kRows, kVectors> sums;
    sums.clear();
    for (std::int64_t pair = 0; pair < head_dim / 2; ++pair) {
      const std::int64_t line = start + pair * 2 * kPanelColumns;
      if constexpr (fetches_ahead(kRows)) {
#pragma GCC unroll 2
        for (std::int64_t i = 0; i < kLines; ++i) {
          fetch_line_nearer(values + line + i * 2 * kLineColumns);
        }
      }
      sums.multiply(OperandRows{q + first * kMaxHeadDim + 2 * pair, kMaxHeadDim}, keys + line, stride);
    }
    sums.store(scores + first * kKeyBlock + vector * kRegisterLanes, kKeyBlock);
  }
};

/// scores[row][key] for `panels` panels of keys; q is [rows][kMaxHeadDim]. `values` are those of the same
/// block.
TTX_INLINE void score_block(const Operand* q, std::int64_t rows, const Bf16* keys, const Bf16* values,
                            std::int64_t head_dim, std::int64_t panels, float* scores) {
  with_tile_rows(
      rows,
      ScoreBlock{
          .q = q, .keys = keys, .values = values, .head_dim = head_dim, .panels = panels, .scores = scores});
}

struct ValuePairs {
  const Operand* p;
  const Bf16* values;
  const Bf16* next;
  std::int64_t head_dim;
  std::int64_t pairs;
  float* acc;

  /// Few rows take many columns at once: enough independent sums, and the values pass in order.
  template <int kRows>
  TTX_WORK void run(std::int64_t first) const {
    constexpr int kVectors = vectors_beside(kRows);
    std::int64_t d = 0;
    for (; d + kVectors * kRegisterLanes <= head_dim; d += kVectors * kRegisterLanes) {
      columns<kRows, kVectors>(first, d);
    }
    for (; d < head_dim; d += 2 * kRegisterLanes) {
      columns<kRows, 2>(first, d);
    }
  }

  template <int kRows, int kVectors>
  TTX_INLINE void columns(std::int64_t first, std::int64_t d) const {
    Accumulators<kRows, kVectors> sums;
    sums.load(acc + first * kMaxHeadDim + d, kMaxHeadDim);
    for (std::int64_t pair = 0; pair < pairs; ++pair) {
      const std::int64_t line = (pair * head_dim + d) * 2;
      if constexpr (fetches_ahead(kRows)) {
#pragma GCC unroll 8
        for (std::int64_t i = 0; i < kVectors * kRegisterLanes / kLineColumns; ++i) {
          fetch_line_nearer(next + line + i * 2 * kLineColumns);
        }
      }
      sums.multiply(OperandRows{p + first * kKeyBlock + 2 * pair, kKeyBlock}, values + line);
    }
    sums.store(acc + first * kMaxHeadDim + d, kMaxHeadDim);
  }
};

/// acc[row] += p[row] times the values of pairs [0, pairs); p is [rows][kKeyBlock], acc [rows][kMaxHeadDim].
/// `next` is what will be read after them.
TTX_INLINE void value_block(const Operand* p, std::int64_t rows, const Bf16* values, const Bf16* next,
                            std::int64_t head_dim, std::int64_t pairs, float* acc) {
  if (pairs > 0) {
    with_tile_rows(rows, ValuePairs{p, values, next, head_dim, pairs, acc});
  }
}

/// Which half of a pair of keys is seen.
enum class Half { kEven, kOdd };

/// One row, one pair of keys of which the other half's values are replaced by zeros; its weight is zero
/// already.
template <Half kSeen>
TTX_INLINE void value_half_pair(const Operand* p, const Bf16* values, std::int64_t head_dim, float* acc) {
  for (std::int64_t d = 0; d < head_dim; d += kRegisterLanes) {
    const PairVector pairs = load_pairs(values + d * 2) & (kSeen == Half::kEven ? 0xFFFFU : 0xFFFF0000U);
    alignas(64) Bf16 line[static_cast<std::size_t>(2 * kRegisterLanes)];
    __builtin_memcpy(line, &pairs, sizeof pairs);
    Accumulators<1, 1> sum;
    sum.load(acc + d, 0);
    sum.multiply(OperandRows{p, 0}, line);
    sum.store(acc + d, 0);
  }
}
