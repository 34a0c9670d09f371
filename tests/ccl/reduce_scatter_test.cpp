// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

struct Case {
  Shape shape;
  int dim;
};

class ReduceScatter : public testing::TestWithParam<Case> {};

TEST_P(ReduceScatter, GivesThePieceOfTheSum) {
  const auto mesh = test::open_whole_mesh(world());
  const Shape& shape = GetParam().shape;
  const int dim = normalize_dim(GetParam().dim, shape.rank(), "test");
  const Tensor piece = reduce_scatter(test::partial(*mesh, shape, 5), GetParam().dim);

  const Range range = mesh->plan().piece(shape[dim], mesh->line_index(), "test");
  EXPECT_EQ(piece.shape(), shape.with(dim, range.size()));
  EXPECT_EQ(piece.placement(), Placement::sharded(dim));
  EXPECT_EQ(piece.dtype(), DataType::BFLOAT16);

  const auto whole = test::expected_sum(5, mesh->num_devices(), static_cast<std::size_t>(shape.volume()));
  std::vector<std::uint16_t> expected;
  std::int64_t inner = 1;
  for (int d = dim + 1; d < shape.rank(); ++d) {
    inner *= shape[d];
  }
  for (std::int64_t i = 0; i < shape.volume(); ++i) {
    const std::int64_t place = i / inner % shape[dim];
    if (place >= range.begin && place < range.end) {
      expected.push_back(whole[static_cast<std::size_t>(i)]);
    }
  }
  EXPECT_EQ(test::bits_of(piece.bf16()), expected);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ReduceScatter,
                         testing::Values(Case{{1, 1, 3, 256}, 3},     // rows are cut
                                         Case{{1, 1, 5, 1000}, -1},   // uneven pieces
                                         Case{{1, 1, 300, 7}, 2},     // whole rows
                                         Case{{2, 17, 3, 5}, 1},      // in the middle, units of two
                                         Case{{1, 1, 1, 40000}, 3}),  // one row
                         [](const auto& param) { return "case_" + std::to_string(param.index); });

TEST(ReduceScatterErrors, AreThrownOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  const Tensor whole =
      Tensor::rows(*mesh, Shape{1, 1, 1, 256}, DataType::FLOAT32, Layout::TILE, Placement::replicated());
  test::expect_error(ExitCode::kFailure, {"[reduce_scatter]", "replicated"},
                     [&] { reduce_scatter(whole, 3); });
  const Tensor x = test::partial(*mesh, Shape{1, 1, 1, 256}, 1);
  test::expect_error(ExitCode::kFailure, {"reduce_scatter", "4"}, [&] { reduce_scatter(x, 4); });
  test::expect_error(ExitCode::kFailure, {"[reduce_scatter]", "links"},
                     [&] { reduce_scatter(x, 3, {.num_links = -1}); });
  if (mesh->num_devices() > 1) {
    test::expect_error(ExitCode::kMesh, {"reduce_scatter dim 2"}, [&] { reduce_scatter(x, 2); });
  }
  world().barrier();
}

}  // namespace
}  // namespace ttx
