// SPDX-License-Identifier: Apache-2.0
#include <numeric>

#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

/// This device's piece of a UINT32 tensor whose values count its elements. Device i holds `extents[i]` of
/// `dim`.
Tensor counted_piece(MeshDevice& mesh, const Shape& whole, int dim, std::span<const std::int64_t> extents) {
  const auto own = static_cast<std::size_t>(mesh.line_index());
  const std::int64_t begin =
      std::accumulate(extents.begin(), extents.begin() + mesh.line_index(), std::int64_t{0});
  std::int64_t inner = 1;
  for (int d = dim + 1; d < whole.rank(); ++d) {
    inner *= whole[d];
  }
  Tensor piece = Tensor::rows(mesh, whole.with(dim, extents[own]), DataType::UINT32, Layout::ROW_MAJOR,
                              Placement::sharded(dim));
  std::size_t next = 0;
  for (std::int64_t i = 0; i < whole.volume(); ++i) {
    const std::int64_t place = i / inner % whole[dim];
    if (place >= begin && place < begin + extents[own]) {
      piece.mutable_u32()[next++] = static_cast<std::uint32_t>(i);
    }
  }
  return piece;
}

void expect_gathered(const Shape& shape, int dim, bool even) {
  const auto mesh = test::open_whole_mesh(world());
  std::vector<std::int64_t> extents;
  for (int device = 0; device < mesh->num_devices(); ++device) {
    extents.push_back(even ? 2 : 1 + device * device % 5);
  }
  const Shape whole = shape.with(dim, std::accumulate(extents.begin(), extents.end(), std::int64_t{0}));
  const Tensor gathered = all_gather(counted_piece(*mesh, whole, dim, extents), dim - 4);
  EXPECT_EQ(gathered.shape(), whole);
  EXPECT_EQ(gathered.placement(), Placement::replicated());
  EXPECT_EQ(gathered.layout(), Layout::ROW_MAJOR);
  std::vector<std::uint32_t> expected(static_cast<std::size_t>(whole.volume()));
  std::iota(expected.begin(), expected.end(), 0U);
  EXPECT_EQ(std::vector<std::uint32_t>(gathered.u32().begin(), gathered.u32().end()), expected);
}

TEST(AllGather, EvenAndUnevenPiecesOfEveryDim) {
  for (int dim = 0; dim < 4; ++dim) {
    expect_gathered({1, 2, 3, 5}, dim, true);
    expect_gathered({1, 2, 3, 5}, dim, false);
    expect_gathered({1, 1, 1, 1}, dim, false);
  }
}

TEST(AllGather, IsTheInverseOfReduceScatter) {
  const auto mesh = test::open_whole_mesh(world());
  const Tensor x = test::partial(*mesh, Shape{1, 1, 9, 1000}, 21);
  const Tensor gathered = all_gather(reduce_scatter(x, 3), 3);
  EXPECT_EQ(gathered.dtype(), DataType::BFLOAT16);
  EXPECT_EQ(test::bits_of(gathered.bf16()), test::bits_of(all_reduce(x).bf16()));
}

TEST(AllGather, RefusesOtherPlacementsOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  const Tensor x = test::partial(*mesh, Shape{1, 1, 1, 4}, 1);
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "partial", "sharded on dim 3"},
                     [&] { all_gather(x, 3); });
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "replicated"},
                     [&] { all_gather(x.placed(Placement::replicated()), 3); });
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "sharded on dim 2"},
                     [&] { all_gather(x.placed(Placement::sharded(2)), -1); });
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "links"},
                     [&] { all_gather(x.placed(Placement::sharded(3)), 3, {.num_links = 0}); });
  world().barrier();
}

TEST(AllGather, PiecesThatDoNotFitAreFoundOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  if (mesh->num_devices() == 1) {
    GTEST_SKIP() << "one piece always fits";
  }
  const std::int64_t rows = mesh->line_index() == 1 ? 3 : 2;
  const Tensor x =
      Tensor::rows(*mesh, Shape{1, 1, rows, 4}, DataType::FLOAT32, Layout::TILE, Placement::sharded(3));
  test::expect_error(ExitCode::kFailure, {"[all_gather]", "device 1", "[1, 1, 3, 4]", "[1, 1, 2, 4]"},
                     [&] { all_gather(x, 3); });
  world().barrier();
}

}  // namespace
}  // namespace ttx
