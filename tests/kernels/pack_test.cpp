// SPDX-License-Identifier: Apache-2.0
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using namespace kernels;

class Pack : public IsaTest {};
TTX_FOR_EVERY_ISA(Pack);

constexpr Bf16 kUntouched{0x1234};

TEST_P(Pack, PanelPutsEveryElementInItsPlaceAndZerosElsewhere) {
  Samples samples(41);
  for (const std::int64_t columns : {1, 2, 15, 16, 17, 31, 32}) {
    for (const std::int64_t k : {1, 2, 31, 32, 33, 34, 64, 95, 129}) {
      const std::int64_t stride = k + 3;
      const std::vector<Bf16> w = Samples::vector(columns * stride, [&] { return samples.any_bits(); });
      std::vector<Bf16> panel(static_cast<std::size_t>(panel_elements(k) + 8), kUntouched);
      table().pack_panel(
          {.w = w.data(), .w_stride = stride, .columns = columns, .k = k, .panel = panel.data()});
      std::vector<Bf16> expected(panel.size(), kUntouched);
      for (std::int64_t i = 0; i < panel_elements(k); ++i) {
        const std::int64_t column = i / 2 % kPanelColumns;
        const std::int64_t at = i / (2 * kPanelColumns) * 2 + i % 2;
        expected[static_cast<std::size_t>(i)] =
            column < columns && at < k ? w[static_cast<std::size_t>(column * stride + at)] : Bf16{0};
      }
      ASSERT_TRUE(same_bits(panel, expected)) << "columns " << columns << " k " << k;
    }
  }
}

TEST_P(Pack, RowsGoIntoTilesOfTwelve) {
  Samples samples(42);
  for (const std::int64_t m : {1, 2, 11, 12, 13, 24, 30}) {
    for (const std::int64_t k : {1, 2, 31, 33, 64, 97}) {
      const std::int64_t stride = k + 5;
      const std::vector<Bf16> x = Samples::vector(m * stride, [&] { return samples.any_bits(); });
      std::vector<Bf16> out(static_cast<std::size_t>(packed_rows_elements(m, k)) + 8, kUntouched);
      // In two calls, the later tiles first.
      const std::int64_t tiles = row_tile_count(m);
      PackRowsCall call{.x = x.data(),
                        .x_stride = stride,
                        .m = m,
                        .k = k,
                        .first_tile = tiles / 2,
                        .last_tile = tiles,
                        .out = out.data()};
      table().pack_rows(call);
      call.first_tile = 0;
      call.last_tile = tiles / 2;
      table().pack_rows(call);
      std::vector<Bf16> expected(out.size(), kUntouched);
      for (std::int64_t i = 0; i < packed_rows_elements(m, k); ++i) {
        const std::int64_t tile = i / (pair_count(k) * 2 * kRowTile);
        const std::int64_t row = tile * kRowTile + i / 2 % kRowTile;
        const std::int64_t at = i / (2 * kRowTile) % pair_count(k) * 2 + i % 2;
        expected[static_cast<std::size_t>(i)] =
            row < m && at < k ? x[static_cast<std::size_t>(row * stride + at)] : Bf16{0};
      }
      ASSERT_TRUE(same_bits(out, expected)) << "m " << m << " k " << k;
    }
  }
}

}  // namespace
}  // namespace ttx::test
