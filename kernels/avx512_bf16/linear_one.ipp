// SPDX-License-Identifier: Apache-2.0

template <int kPanels>
using PanelSums = __m512[static_cast<std::size_t>(2 * kPanels)];

/// One row of x against kPanels neighbouring panels: the weights pass once, in order.
template <int kPanels>
TTX_INLINE void row_by_panels(const LinearCall& call, const Bf16* panels, PanelSums<kPanels>& sum) {
  const std::int64_t stride = panel_elements(call.k);
  const std::int64_t whole_pairs = call.k / 2;
  PanelSums<kPanels> level[kTreeLevels];
  const auto multiply = [&](std::int64_t pair, __m512i x) __attribute__((always_inline)) {
#pragma GCC unroll 4
    for (int v = 0; v < 2 * kPanels; ++v) {
      const Bf16* line = panels + v / 2 * stride + pair * 2 * kPanelColumns + v % 2 * 2 * kLanes;
      sum[v] = multiply_pairs(sum[v], load_pairs(line), x);
    }
  };
  for (int block = 0; block < call.blocks.count; ++block) {
    for (__m512& part : sum) {
      part = _mm512_setzero_ps();
    }
    const PairRange pairs = block_pairs(call.blocks, block);
    const std::int64_t end = pairs.end < whole_pairs ? pairs.end : whole_pairs;
#pragma GCC unroll 4
    for (std::int64_t pair = pairs.begin; pair < end; ++pair) {
      multiply(pair, broadcast_pair(call.x + 2 * pair));
    }
    if (end < pairs.end) {
      multiply(end, _mm512_set1_epi32(call.x[2 * end].bits));
    }
    const int merges = merges_after(block);
    for (int height = 0; height < merges; ++height) {
      for (int v = 0; v < 2 * kPanels; ++v) {
        sum[v] = _mm512_add_ps(level[height][v], sum[v]);
      }
    }
    if (block + 1 < call.blocks.count) {
      for (int v = 0; v < 2 * kPanels; ++v) {
        level[merges][v] = sum[v];
      }
    }
  }
}

template <int kPanels>
TTX_INLINE void one_row_step(const LinearCall& call, std::int64_t panel) {
  PanelSums<kPanels> sum;
  row_by_panels<kPanels>(call, call.panels + panel * panel_elements(call.k), sum);
  for (int v = 0; v < 2 * kPanels; ++v) {
    const std::int64_t column = panel * kPanelColumns + v * kLanes;
    const std::int64_t columns = call.n - column;
    if (columns <= 0) {
      return;
    }
    if (call.out_bf16 != nullptr) {
      store_columns(sum[v], columns, call.out_bf16 + column);
    } else {
      store_columns(sum[v], columns, call.out_f32 + column);
    }
  }
}

TTX_WORK void linear_one_row(const LinearCall& call) {
  std::int64_t panel = call.first_panel;
  for (; panel + 2 <= call.last_panel; panel += 2) {
    one_row_step<2>(call, panel);
  }
  if (panel < call.last_panel) {
    one_row_step<1>(call, panel);
  }
}
