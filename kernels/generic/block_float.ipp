// SPDX-License-Identifier: Apache-2.0

/// The lines of a panel as bf16, expanded when they are asked for.
template <BlockFloat kFormat>
class ExpandedLines {
 public:
  explicit ExpandedLines(const std::uint8_t* panel) : panel_(panel) {}

  const Bf16* operator()(std::int64_t pair) const {
    expand_line<kFormat>(chunk_of<kFormat>(panel_, pair), pair % kChunkPairs, line_);
    return line_;
  }

 private:
  const std::uint8_t* panel_;
  mutable Bf16 line_[2 * kPanelColumns];
};

template <BlockFloat kFormat>
TTX_WORK void block_float_linear_as(const BlockFloatLinearCall& call) {
  linear_over(call.linear, [&call](std::int64_t panel) {
    return ExpandedLines<kFormat>(call.panels + panel * block_float_panel_bytes(call.linear.k, kFormat));
  });
}

TTX_WORK void block_float_linear_work(const BlockFloatLinearCall& call) {
  call.format == BlockFloat::k8 ? block_float_linear_as<BlockFloat::k8>(call)
                                : block_float_linear_as<BlockFloat::k4>(call);
}

TTX_INLINE void pack_lines(const PackPanelCall& call) {
  interleave_pairs(call.w, call.w_stride, call.columns, call.k, kPanelColumns, call.panel);
}
