// SPDX-License-Identifier: Apache-2.0

/// How far ahead the weights are fetched: with several streams of two lines each this beats the hardware's
/// own prefetch.
constexpr std::int64_t kAheadPairs = 32;

/// The most rows whose accumulators fit beside each other for a whole panel.
constexpr int kFewRows = kMostSums / kPanelVectors;

/// Panels of bf16.
class Bf16Panels {
 public:
  explicit Bf16Panels(const LinearCall& call)
      : panels_(call.panels), stride_(panel_elements(call.k)), pairs_(pair_count(call.k)) {}

  /// Pairs [begin, end) of the rows times those of kPanels panels from `panel` on.
  template <int kPanels, class Sums, class Rows>
  TTX_INLINE void multiply(Sums& sums, Rows& rows, std::int64_t panel, std::int64_t begin,
                           std::int64_t end) const {
    const Bf16* weights = panels_ + panel * stride_;
    // Behind a panel's end the next to be read is not the neighbour, which is under way, but that of the next
    // group.
    const std::int64_t turn = pairs_ - kAheadPairs;
    const std::int64_t before = turn < begin ? begin : turn < end ? turn : end;
    multiply_ahead<kPanels>(sums, rows, weights, begin, before, 0);
    multiply_ahead<kPanels>(sums, rows, weights, before, end, (kPanels - 1) * stride_);
  }

 private:
  template <int kPanels, class Sums, class Rows>
  TTX_INLINE void multiply_ahead(Sums& sums, Rows& rows, const Bf16* weights, std::int64_t begin,
                                 std::int64_t end, std::int64_t jump) const {
    if (begin == end) {
      return;
    }
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      const Bf16* line = weights + pair * 2 * kPanelColumns;
#pragma GCC unroll 8
      for (int i = 0; i < 2 * kPanels; ++i) {
        fetch_line(line + strip_offset<kLineColumns>(i, stride_) + jump + kAheadPairs * 2 * kPanelColumns);
      }
      sums.multiply(x, line, stride_);
    });
  }

  const Bf16* panels_;
  std::int64_t stride_;
  std::int64_t pairs_;
};

/// Up to kFewRows rows by kPanels neighbouring panels: every weight passes once, in kPanels streams.
template <int kRows, int kPanels, class Weights>
class FewRows {
 public:
  FewRows(const LinearCall& call, const Weights& weights)
      : call_(call), weights_(weights), whole_pairs_(kRows == 1 ? call.k / 2 : pair_count(call.k)) {}

  TTX_INLINE void run(std::int64_t panel) {
    alignas(64) float waiting[kTreeLevels][static_cast<std::size_t>(kRows * kWidth)];
    Sums sums = {};
    for (int block = 0; block < call_.blocks.count; ++block) {
      sums.clear();
      multiply_block(sums, panel, block_pairs(call_.blocks, block));
      const int merges = merges_after(block);
      for (int height = 0; height < merges; ++height) {
        sums.merge(waiting[height], kWidth);
      }
      if (block + 1 < call_.blocks.count) {
        sums.store(waiting[merges], kWidth);
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
  using Sums = Accumulators<kRows, kPanels * kPanelVectors>;
  using Rows = RowFeed<kRows>;
  static constexpr std::int64_t kWidth = kPanels * kPanelColumns;
  static constexpr RowLayout kLayout = kRows == 1 ? RowLayout{0, 2} : kPackedRows;

  TTX_INLINE void multiply_block(Sums& sums, std::int64_t panel, PairRange pairs) const {
    const std::int64_t end = pairs.end < whole_pairs_ ? pairs.end : whole_pairs_;
    Rows rows(kRows == 1 ? call_.x : call_.packed_x, kLayout, 0);
    weights_.template multiply<kPanels>(sums, rows, panel, pairs.begin, end);
    if constexpr (kRows == 1) {
      if (end < pairs.end) {
        const Bf16 last[2] = {call_.x[2 * end], Bf16{0}};
        const OnePair rest{{last, 0}};
        weights_.template multiply<kPanels>(sums, rest, panel, end, pairs.end);
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
    constexpr int kMost = vectors_beside(kRows) / kPanelVectors;
    std::int64_t panel = call.first_panel;
    for (FewRows<kRows, kMost, Weights> many(call, weights); panel + kMost <= call.last_panel;
         panel += kMost) {
      many.run(panel);
    }
    if constexpr (kMost > 1) {
      for (FewRows<kRows, 1, Weights> one(call, weights); panel < call.last_panel; ++panel) {
        one.run(panel);
      }
    }
  }
};
