// SPDX-License-Identifier: Apache-2.0

/// The most rows whose accumulators fit beside each other for a whole panel.
constexpr int kFewRows = kMostSums / kPanelVectors;

/// How far ahead the weights are fetched, where they are; beyond a panel's end lies the next one.
constexpr std::int64_t kAheadElements = 64 * 2 * kPanelColumns;

/// Panels of bf16, one after the other: a single stream is what memory gives fastest.
class Bf16Panels {
 public:
  explicit Bf16Panels(const LinearCall& call) : panels_(call.panels), stride_(panel_elements(call.k)) {}

  /// Pairs [begin, end) of the rows times those of a panel.
  template <class Sums, class Rows>
  TTX_INLINE void multiply(Sums& sums, Rows& rows, std::int64_t panel, std::int64_t begin,
                           std::int64_t end) const {
    const Bf16* weights = panels_ + panel * stride_;
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      const Bf16* line = weights + pair * 2 * kPanelColumns;
      // With much to do per line the hardware's own prefetch, which is best else, falls behind.
      if constexpr (Sums::kRowCount > 4) {
        fetch_line_nearer(line + kAheadElements);
        fetch_line_nearer(line + kAheadElements + kPanelColumns);
      }
      sums.multiply(x, line);
    });
  }

 private:
  const Bf16* panels_;
  std::int64_t stride_;
};

/// Up to kFewRows rows by a panel: every weight passes once.
template <int kRows, class Weights>
class FewRows {
 public:
  FewRows(const LinearCall& call, const Weights& weights)
      : call_(call), weights_(weights), whole_pairs_(kRows == 1 ? call.k / 2 : pair_count(call.k)) {}

  TTX_INLINE void run(std::int64_t panel) {
    alignas(64) float waiting[kTreeLevels][static_cast<std::size_t>(kRows * kPanelColumns)];
    Sums sums = {};
    for (int block = 0; block < call_.blocks.count; ++block) {
      sums.clear();
      multiply_block(sums, panel, block_pairs(call_.blocks, block));
      const int merges = merges_after(block);
      for (int height = 0; height < merges; ++height) {
        sums.merge(waiting[height], kPanelColumns);
      }
      if (block + 1 < call_.blocks.count) {
        sums.store(waiting[merges], kPanelColumns);
      }
    }
    const std::int64_t column = panel * kPanelColumns;
    const Bf16* bias = call_.bias == nullptr ? nullptr : call_.bias + column;
    if (call_.out_bf16 != nullptr) {
      sums.store_columns(call_.out_bf16 + column, call_.out_stride, call_.n - column, bias);
    } else {
      sums.store_columns(call_.out_f32 + column, call_.out_stride, call_.n - column, bias);
    }
  }

 private:
  using Sums = Accumulators<kRows, kPanelVectors>;
  using Rows = RowFeed<kRows>;
  static constexpr RowLayout kLayout = kRows == 1 ? RowLayout{0, 2} : kPackedRows;

  TTX_INLINE void multiply_block(Sums& sums, std::int64_t panel, PairRange pairs) const {
    const std::int64_t end = pairs.end < whole_pairs_ ? pairs.end : whole_pairs_;
    Rows rows(kRows == 1 ? call_.x : call_.packed_x, kLayout, 0);
    weights_.multiply(sums, rows, panel, pairs.begin, end);
    if constexpr (kRows == 1) {
      if (end < pairs.end) {
        const Bf16 last[2] = {call_.x[2 * end], Bf16{0}};
        const OnePair rest{{last, 0}};
        weights_.multiply(sums, rest, panel, end, pairs.end);
      }
    }
  }

  const LinearCall& call_;
  const Weights& weights_;
  std::int64_t whole_pairs_;  ///< pairs of which both halves are there to read
};

template <class Weights>
struct FewRowsWork {
  const LinearCall& call;
  Weights weights;

  template <int kRows>
  TTX_WORK void run(std::int64_t) const {
    FewRows<kRows, Weights> rows(call, weights);
    for (std::int64_t panel = call.first_panel; panel < call.last_panel; ++panel) {
      rows.run(panel);
    }
  }
};
