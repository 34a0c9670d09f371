// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/linear_cases.hpp"

#include <algorithm>
#include <cstddef>

#include "tests/kernels/reference.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {

using namespace kernels;

KBlocks uneven_blocks(std::int64_t k, int count, std::uint64_t seed) {
  Samples samples(seed);
  std::vector<std::int64_t> cuts;
  for (int i = 0; i + 1 < count; ++i) {
    cuts.push_back(samples.below(k / 2 + 1) * 2);
  }
  cuts.push_back(k);
  std::sort(cuts.begin(), cuts.end());
  KBlocks blocks;
  blocks.count = count;
  std::copy(cuts.begin(), cuts.end(), blocks.end.begin());
  return blocks;
}

KBlocks even_blocks(std::int64_t k, int count) {
  KBlocks blocks;
  blocks.count = count;
  for (int i = 0; i < count; ++i) {
    blocks.end[static_cast<std::size_t>(i)] = k * (i + 1) / count;
  }
  return blocks;
}

std::vector<Bf16> pack(const Table& table, const std::vector<Bf16>& w, std::int64_t n, std::int64_t k) {
  // What is there before must not matter.
  std::vector<Bf16> panels(static_cast<std::size_t>(panel_count(n) * panel_elements(k)), Bf16{0x7FC0});
  for (std::int64_t panel = 0; panel < panel_count(n); ++panel) {
    table.pack_panel({.w = w.data() + panel * kPanelColumns * k,
                      .w_stride = k,
                      .columns = std::min(kPanelColumns, n - panel * kPanelColumns),
                      .k = k,
                      .panel = panels.data() + panel * panel_elements(k)});
  }
  return panels;
}

LinearCase::Packed LinearCase::packed(const Table& table) const {
  Packed packed{pack(table, w, n, k), {}, {}};
  packed.rows.assign(static_cast<std::size_t>(packed_rows_elements(m, k)), Bf16{0x7FC0});
  table.pack_rows({.x = x.data(),
                   .x_stride = k,
                   .m = m,
                   .k = k,
                   .first_tile = 0,
                   .last_tile = row_tile_count(m),
                   .out = packed.rows.data()});
  LinearCall& call = packed.call;
  call.x = x.data();
  call.x_stride = k;
  call.m = m;
  call.packed_x = m > 1 ? packed.rows.data() : nullptr;
  call.panels = packed.panels.data();
  call.n = n;
  call.k = k;
  call.blocks = blocks;
  call.last_panel = panel_count(n);
  call.out_stride = n;
  return packed;
}

std::vector<float> LinearCase::expected() const { return reference::linear(x, w, m, n, k, blocks); }

std::vector<float> LinearCase::run(const Table& table) const {
  Packed ready = packed(table);
  std::vector<float> out(static_cast<std::size_t>(m * n), -7.0F);
  ready.call.out_f32 = out.data();
  table.linear(ready.call);
  return out;
}

std::vector<Bf16> LinearCase::run_bf16(const Table& table) const {
  Packed ready = packed(table);
  std::vector<Bf16> out(static_cast<std::size_t>(m * n), Bf16{0x1234});
  ready.call.out_bf16 = out.data();
  table.linear(ready.call);
  return out;
}

LinearCase LinearCase::rows(std::int64_t first, std::int64_t count) const {
  LinearCase part = *this;
  part.m = count;
  part.x.assign(x.begin() + first * k, x.begin() + (first + count) * k);
  return part;
}

LinearCase LinearCase::k_slice(int first, int last) const {
  const std::int64_t begin = first == 0 ? 0 : blocks.end[static_cast<std::size_t>(first - 1)];
  LinearCase part{.m = m,
                  .n = n,
                  .k = blocks.end[static_cast<std::size_t>(last - 1)] - begin,
                  .blocks = {},
                  .x = {},
                  .w = {}};
  part.blocks.count = last - first;
  for (int i = first; i < last; ++i) {
    part.blocks.end[static_cast<std::size_t>(i - first)] = blocks.end[static_cast<std::size_t>(i)] - begin;
  }
  for (std::int64_t row = 0; row < m; ++row) {
    part.x.insert(part.x.end(), x.begin() + row * k + begin, x.begin() + row * k + begin + part.k);
  }
  for (std::int64_t column = 0; column < n; ++column) {
    part.w.insert(part.w.end(), w.begin() + column * k + begin, w.begin() + column * k + begin + part.k);
  }
  return part;
}

LinearCase normal_case(std::int64_t m, std::int64_t n, std::int64_t k, const KBlocks& blocks,
                       std::uint64_t seed) {
  Samples samples(seed);
  LinearCase made{.m = m, .n = n, .k = k, .blocks = blocks, .x = {}, .w = {}};
  made.x = samples.normal_vector(m * k);
  made.w = samples.normal_vector(n * k);
  return made;
}

}  // namespace ttx::test
