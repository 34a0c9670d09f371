// SPDX-License-Identifier: Apache-2.0
// A linear over packed block floats has the bits of the bf16 linear over the values that they stand for.
#include <algorithm>

#include "tests/kernels/block_float_reference.hpp"
#include "tests/kernels/isa_test.hpp"
#include "tests/kernels/linear_cases.hpp"
#include "tests/kernels/samples.hpp"

namespace ttx::test {
namespace {

using namespace kernels;

class BlockFloatLinear : public IsaTest {};
TTX_FOR_EVERY_ISA(BlockFloatLinear);

constexpr BlockFloat kFormats[] = {BlockFloat::k8, BlockFloat::k4};

std::vector<std::uint8_t> pack_all(const Table& table, const LinearCase& problem, BlockFloat format) {
  const std::int64_t size = block_float_panel_bytes(problem.k, format);
  std::vector<std::uint8_t> panels(static_cast<std::size_t>(panel_count(problem.n) * size), 0xAB);
  for (std::int64_t panel = 0; panel < panel_count(problem.n); ++panel) {
    table.pack_block_float({problem.w.data() + panel * kPanelColumns * problem.k, problem.k,
                            std::min(kPanelColumns, problem.n - panel * kPanelColumns), problem.k, format,
                            panels.data() + panel * size});
  }
  return panels;
}

std::vector<float> run(const Table& table, const LinearCase& problem, BlockFloat format) {
  const std::vector<std::uint8_t> panels = pack_all(table, problem, format);
  LinearCase::Packed ready = problem.packed(table);
  std::vector<float> out(static_cast<std::size_t>(problem.m * problem.n), -7.0F);
  ready.call.panels = nullptr;
  ready.call.out_f32 = out.data();
  table.block_float_linear({ready.call, panels.data(), format});
  return out;
}

/// The same problem with the values that the format has for its weights.
LinearCase rounded(const LinearCase& problem, BlockFloat format) {
  LinearCase other = problem;
  other.w = reference::weight_through_block_float(problem.w, problem.n, problem.k, format);
  return other;
}

TEST_P(BlockFloatLinear, EveryRowCountGivesTheReferenceBits) {
  for (const BlockFloat format : kFormats) {
    for (std::int64_t m = 1; m <= 40; ++m) {
      const std::int64_t k = 61 + m % 4;
      const LinearCase problem =
          normal_case(m, 33 + m % 32, k, uneven_blocks(k, 1 << m % 4, static_cast<std::uint64_t>(m)),
                      700U + static_cast<std::uint64_t>(m));
      EXPECT_TRUE(same_bits(run(table(), problem, format), rounded(problem, format).expected())) << "m " << m;
    }
  }
}

TEST_P(BlockFloatLinear, OddSizesAndEveryBlockCount) {
  std::uint64_t seed = 710;
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 2, 12, 13}) {
      for (const std::int64_t k : {1, 2, 3, 17, 31, 32, 33, 64, 130, 259}) {
        for (const std::int64_t n : {1, 16, 17, 32, 65, 160}) {
          for (const int count : {1, 2, 8}) {
            ++seed;
            const LinearCase problem = normal_case(m, n, k, uneven_blocks(k, count, seed), seed);
            const LinearCase values = rounded(problem, format);
            ASSERT_TRUE(same_bits(run(table(), problem, format), values.run(table())))
                << "m " << m << " k " << k << " n " << n << " blocks " << count;
          }
        }
      }
    }
  }
}

TEST_P(BlockFloatLinear, LongSumsInPieces) {
  // Blocks that are longer than what is expanded together, and rows beyond a chunk of tiles.
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 3, 14, 200}) {
      for (const int count : {1, 2, 8}) {
        const LinearCase problem = normal_case(m, 40, 2500, uneven_blocks(2500, count, 5), 720);
        EXPECT_TRUE(same_bits(run(table(), problem, format), rounded(problem, format).run(table())))
            << "m " << m << " blocks " << count;
      }
    }
  }
}

TEST_P(BlockFloatLinear, AnyBitsAndValuesBesideUnderflow) {
  // Exponents 0 to 255 in one panel: infinities, NaNs, denormals, groups of zeros.
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 2, 5, 12, 26}) {
      for (const int kind : {0, 1, 2}) {
        Samples samples(730U + static_cast<std::uint64_t>(kind));
        LinearCase problem = normal_case(m, 70, 75, uneven_blocks(75, 4, 3), 731);
        const auto draw = [&]() -> Bf16 {
          switch (kind) {
            case 0:
              return samples.beside_underflow();
            case 1:
              return samples.next() % 64 == 0 ? samples.any_bits() : Bf16{0x3F80};
            default:
              // The lowest exponents, and x so large that the products count.
              return {static_cast<std::uint16_t>(samples.next() & 0x87FFU)};
          }
        };
        problem.w = Samples::vector(70 * 75, draw);
        if (kind == 0) {
          problem.x = Samples::vector(m * 75, draw);
        } else if (kind == 2) {
          problem.x = samples.normal_vector(m * 75, 0x1p100F);
        }
        EXPECT_TRUE(same_bits(run(table(), problem, format), rounded(problem, format).expected()))
            << "m " << m << " kind " << kind;
      }
    }
  }
}

TEST_P(BlockFloatLinear, OneRowBesideWhereItsPowersOfTwoLeaveTheNormalRange) {
  // All exponents of the weights the same, and all of the row but for zeros: at 31, 254 and where the two of
  // them together are at most 134 or 158, or at least 387.
  for (const BlockFloat format : kFormats) {
    for (const unsigned field :
         {1U, 2U, 26U, 27U, 51U, 102U, 103U, 104U, 126U, 127U, 128U, 133U, 134U, 254U, 255U}) {
      for (const unsigned distance :
           {31U, 32U, 133U, 134U, 135U, 157U, 158U, 159U, 253U, 254U, 386U, 387U, 388U}) {
        for (const unsigned exponent : {distance, distance - field}) {
          if (exponent == 0 || exponent > 255) {
            continue;
          }
          Samples samples(field * 1000 + exponent);
          LinearCase problem = normal_case(1, 40, 67, uneven_blocks(67, 2, 3), 732);
          const auto draw_with = [&samples](unsigned bits) {
            return Bf16{static_cast<std::uint16_t>((samples.next() & 0x807FU) | bits << 7U)};
          };
          problem.w = Samples::vector(40 * 67, [&] { return draw_with(exponent); });
          problem.x =
              Samples::vector(67, [&] { return samples.next() % 5 == 0 ? Bf16{0} : draw_with(field); });
          ASSERT_TRUE(same_bits(run(table(), problem, format), rounded(problem, format).expected()))
              << "row " << field << " weights " << exponent;
        }
      }
    }
  }
}

TEST_P(BlockFloatLinear, ZeroPanelsRowsAndColumns) {
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 4, 30}) {
      LinearCase problem = normal_case(m, 128, 192, even_blocks(192, 8), 740);
      for (std::int64_t column = 0; column < problem.n; ++column) {
        for (std::int64_t i = 0; i < problem.k; ++i) {
          // Two panels, some columns, and the k of two blocks.
          if (column >= 64 || column % 5 == 0 || (i >= 24 && i < 72)) {
            problem.w[static_cast<std::size_t>(column * problem.k + i)] = {
                i % 2 == 0 ? std::uint16_t{0} : std::uint16_t{0x8000}};
          }
        }
      }
      const std::vector<float> out = run(table(), problem, format);
      EXPECT_TRUE(same_bits(out, rounded(problem, format).expected())) << "m " << m;
      EXPECT_EQ(bits_of(out[64]), 0U);
    }
  }
}

TEST_P(BlockFloatLinear, WritesOnlyItsPanelsAndRounds) {
  const std::int64_t stride = 110;
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 4, 13}) {
      const LinearCase problem = normal_case(m, 95, 48, uneven_blocks(48, 2, 4), 750);
      const std::vector<Bf16> expected = rounded(problem, format).run_bf16(table());
      const std::vector<std::uint8_t> panels = pack_all(table(), problem, format);
      LinearCase::Packed ready = problem.packed(table());
      std::vector<Bf16> out(static_cast<std::size_t>(m * stride), Bf16{0x1234});
      ready.call.out_bf16 = out.data();
      ready.call.out_stride = stride;
      ready.call.first_panel = 1;
      table().block_float_linear({ready.call, panels.data(), format});
      for (std::int64_t i = 0; i < m * stride; ++i) {
        const bool inside = i % stride >= 32 && i % stride < problem.n;
        ASSERT_EQ(
            out[static_cast<std::size_t>(i)],
            inside ? expected[static_cast<std::size_t>(i / stride * problem.n + i % stride)] : Bf16{0x1234})
            << "m " << m << " at " << i;
      }
    }
  }
}

TEST_P(BlockFloatLinear, OneTwoFourAndEightRanksGiveTheSameBits) {
  // K is cut within chunks of a panel, so that the parts pack what the whole packs at other places.
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 12, 29}) {
      for (const std::int64_t k : {128, 157}) {
        const LinearCase problem =
            normal_case(m, 45, k, uneven_blocks(k, 8, static_cast<std::uint64_t>(k)), 760);
        const std::vector<float> one = run(table(), problem, format);
        for (const int ranks : {2, 4, 8}) {
          const int share = 8 / ranks;
          std::vector<std::vector<float>> terms;
          std::vector<const float*> parts;
          for (int rank = 0; rank < ranks; ++rank) {
            terms.push_back(run(table(), problem.k_slice(rank * share, (rank + 1) * share), format));
          }
          for (const std::vector<float>& term : terms) {
            parts.push_back(term.data());
          }
          std::vector<float> sum(one.size());
          table().tree_sum({parts.data(), ranks, static_cast<std::int64_t>(sum.size()), sum.data(), nullptr});
          EXPECT_TRUE(same_bits(sum, one)) << "m " << m << " k " << k << " ranks " << ranks;
        }
      }
    }
  }
}

TEST_P(BlockFloatLinear, ModelWidthsAgreeWithGeneric) {
  for (const BlockFloat format : kFormats) {
    for (const std::int64_t m : {1, 2, 13}) {
      const LinearCase problem = normal_case(m, 192, 3072, even_blocks(3072, 8), 770);
      EXPECT_TRUE(
          same_bits(run(table(), problem, format), run(kernels::table(Isa::kGeneric), problem, format)))
          << "m " << m;
    }
  }
}

}  // namespace
}  // namespace ttx::test
