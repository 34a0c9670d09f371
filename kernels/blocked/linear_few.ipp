// SPDX-License-Identifier: Apache-2.0

/// How far ahead the weights are fetched: with several streams of two lines each this beats the hardware's
/// own prefetch.
constexpr std::int64_t kAheadPairs = 32;

/// The most rows whose accumulators fit beside each other for a whole panel.
constexpr int kFewRows = kMostSums / kPanelVectors;

/// Up to kFewRows rows by kPanels neighbouring panels: every weight passes once, in kPanels streams.
template <int kRows, int kPanels>
class FewRows {
 public:
  explicit FewRows(const LinearCall& call)
      : call_(call),
        stride_(panel_elements(call.k)),
        whole_pairs_(kRows == 1 ? call.k / 2 : pair_count(call.k)) {}

  TTX_INLINE void run(std::int64_t panel) {
    alignas(64) float waiting[kTreeLevels][static_cast<std::size_t>(kRows * kWidth)];
    const Bf16* weights = call_.panels + panel * stride_;
    Sums sums = {};
    for (int block = 0; block < call_.blocks.count; ++block) {
      sums.clear();
      multiply_block(sums, weights, block_pairs(call_.blocks, block));
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

  TTX_INLINE void multiply_block(Sums& sums, const Bf16* weights, PairRange pairs) const {
    const std::int64_t end = pairs.end < whole_pairs_ ? pairs.end : whole_pairs_;
    Rows rows(kRows == 1 ? call_.x : call_.packed_x, kLayout, 0);
    // Behind a panel's end the next to be read is not the neighbour, which is under way, but that of the next
    // group.
    const std::int64_t turn = pair_count(call_.k) - kAheadPairs;
    const std::int64_t before = turn < pairs.begin ? pairs.begin : turn < end ? turn : end;
    multiply_pairs_of(sums, rows, weights, pairs.begin, before, 0);
    multiply_pairs_of(sums, rows, weights, before, end, (kPanels - 1) * stride_);
    if (end < pairs.end) {
      const Bf16 last[2] = {call_.x[2 * end], Bf16{0}};
      sums.multiply(LyingRows{last, 0}, weights + end * 2 * kPanelColumns, stride_);
    }
  }

  TTX_INLINE void multiply_pairs_of(Sums& sums, Rows& rows, const Bf16* weights, std::int64_t begin,
                                    std::int64_t end, std::int64_t jump) const {
    rows.each(begin, end, [&](std::int64_t pair, const auto& x) TTX_INLINED {
      const Bf16* line = weights + pair * 2 * kPanelColumns;
#pragma GCC unroll 8
      for (int i = 0; i < 2 * kPanels; ++i) {
        fetch_line(line + strip_offset<kLineColumns>(i, stride_) + jump + kAheadPairs * 2 * kPanelColumns);
      }
      sums.multiply(x, line, stride_);
    });
  }

  const LinearCall& call_;
  std::int64_t stride_;
  std::int64_t whole_pairs_;  ///< pairs of which both halves are there to read
};

struct FewRowsWork {
  const LinearCall& call;

  template <int kRows>
  TTX_WORK void run(std::int64_t) const {
    constexpr int kMost = vectors_beside(kRows) / kPanelVectors;
    std::int64_t panel = call.first_panel;
    for (FewRows<kRows, kMost> many(call); panel + kMost <= call.last_panel; panel += kMost) {
      many.run(panel);
    }
    if constexpr (kMost > 1) {
      for (FewRows<kRows, 1> one(call); panel < call.last_panel; ++panel) {
        one.run(panel);
      }
    }
  }
};
