// SPDX-License-Identifier: Apache-2.0

/// How far ahead the weights are fetched: with four streams of two lines each this beats the hardware's own
/// prefetch.
constexpr std::int64_t kAheadPairs = 32;

/// Up to kRowTile rows by kPanels neighbouring panels: every weight passes once, in kPanels streams.
template <int kRows, int kPanels>
class FewRows {
 public:
  explicit FewRows(const LinearCall& call)
      : call_(call),
        x_(kRows == 1 ? RowLayout{0, 2} : RowLayout{2, 2 * kRowTile}),
        stride_(panel_elements(call.k)),
        whole_pairs_(kRows == 1 ? call.k / 2 : pair_count(call.k)) {}

  TTX_INLINE void run(std::int64_t panel) {
    alignas(64) float waiting[kTreeLevels][static_cast<std::size_t>(kRows * kWidth)];
    const Bf16* weights = call_.panels + panel * stride_;
    Sums sums;
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
    if (call_.out_bf16 != nullptr) {
      sums.store_columns_of(call_.out_bf16 + column, call_.out_stride, call_.n - column);
    } else {
      sums.store_columns_of(call_.out_f32 + column, call_.out_stride, call_.n - column);
    }
  }

 private:
  using Sums = Accumulators<kRows, 2 * kPanels>;
  static constexpr std::int64_t kWidth = kPanels * kPanelColumns;

  TTX_INLINE void multiply_block(Sums& sums, const Bf16* weights, PairRange pairs) const {
    const std::int64_t end = pairs.end < whole_pairs_ ? pairs.end : whole_pairs_;
    // Behind a panel's end the next to be read is not the neighbour, which is under way, but that of the next
    // group.
    const std::int64_t turn = pair_count(call_.k) - kAheadPairs;
    const std::int64_t before = turn < pairs.begin ? pairs.begin : turn < end ? turn : end;
    multiply_pairs_of(sums, weights, pairs.begin, before, 0);
    multiply_pairs_of(sums, weights, before, end, (kPanels - 1) * stride_);
    if (end < pairs.end) {
      const Bf16 last[2] = {call_.x[2 * end], Bf16{0}};
      sums.multiply(last, 0, weights + end * 2 * kPanelColumns, stride_);
    }
  }

  TTX_INLINE void multiply_pairs_of(Sums& sums, const Bf16* weights, std::int64_t begin, std::int64_t end,
                                    std::int64_t jump) const {
    const Bf16* x = kRows == 1 ? call_.x : call_.packed_x;
#pragma GCC unroll 2
    for (std::int64_t pair = begin; pair < end; ++pair) {
      const Bf16* line = weights + pair * 2 * kPanelColumns;
#pragma GCC unroll 4
      for (int stream = 0; stream < kPanels; ++stream) {
        fetch_line(line + stream * stride_ + jump + kAheadPairs * 2 * kPanelColumns);
      }
      sums.multiply(x + pair * x_.pair, x_.row, line, stride_);
    }
  }

  const LinearCall& call_;
  RowLayout x_;
  std::int64_t stride_;
  std::int64_t whole_pairs_;  ///< pairs of which both halves are there to read
};

struct FewRowsWork {
  const LinearCall& call;

  template <int kRows>
  TTX_WORK void run() const {
    constexpr int kMost = kRows <= 3 ? 4 : kRows <= 6 ? 2 : 1;
    std::int64_t panel = call.first_panel;
    for (FewRows<kRows, kMost> many(call); panel + kMost <= call.last_panel; panel += kMost) {
      many.run(panel);
    }
    for (FewRows<kRows, 1> one(call); panel < call.last_panel; ++panel) {
      one.run(panel);
    }
  }
};
