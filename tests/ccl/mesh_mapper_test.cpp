// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_mapper.hpp"

#include <numeric>

#include <gtest/gtest.h>

#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

HostTensor counted(const Shape& shape) {
  std::vector<std::uint32_t> values(static_cast<std::size_t>(shape.volume()));
  std::iota(values.begin(), values.end(), 0U);
  return HostTensor::from("counted", shape, std::move(values));
}

constexpr FromHost kIds{
    .dtype = DataType::UINT32, .layout = Layout::ROW_MAJOR, .use = MemoryUse::kActivations};

TEST(FromHost, ReplicatesToRankFour) {
  const auto mesh = test::open_whole_mesh(world());
  const Tensor tensor = from_host(counted({3, 5}), ReplicateTensorToMesh(*mesh), kIds);
  EXPECT_EQ(tensor.shape(), (Shape{1, 1, 3, 5}));
  EXPECT_EQ(tensor.placement(), Placement::replicated());
  EXPECT_EQ(&tensor.device(), mesh.get());
  for (std::uint32_t i = 0; i < 15; ++i) {
    EXPECT_EQ(tensor.u32()[i], i);
  }
}

TEST(FromHost, TakesThePieceOfThePlan) {
  const auto mesh = test::open_whole_mesh(world());
  // Dim 2 of the rank-4 shape is dim 0 of the tensor given.
  const Tensor tensor = from_host(counted({50, 3}), ShardTensorToMesh(*mesh, 2), kIds);
  const Range range = mesh->plan().piece(50, mesh->line_index(), "test");
  EXPECT_EQ(tensor.shape(), (Shape{1, 1, range.size(), 3}));
  EXPECT_EQ(tensor.placement(), Placement::sharded(2));
  for (std::size_t i = 0; i < tensor.u32().size(); ++i) {
    EXPECT_EQ(tensor.u32()[i], static_cast<std::uint32_t>(range.begin * 3) + i);
  }
  const Tensor columns = from_host(counted({2, 600}), ShardTensorToMesh(*mesh, -1), kIds);
  const Range column_range = mesh->plan().piece(600, mesh->line_index(), "test");
  EXPECT_EQ(columns.placement(), Placement::sharded(3));
  EXPECT_EQ(columns.u32()[0], static_cast<std::uint32_t>(column_range.begin));
  EXPECT_EQ(columns.u32().back(), static_cast<std::uint32_t>(600 + column_range.end - 1));
}

TEST(FromHost, RefusesWhatCannotBeCutOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  test::expect_error(ExitCode::kFailure, {"[from_host]", "empty"},
                     [&] { from_host(HostTensor(), ReplicateTensorToMesh(*mesh)); });
  test::expect_error(ExitCode::kFailure, {"[from_host]", "'counted'", "at most 4"}, [&] {
    from_host(counted({1, 1, 1, 1, 2}), ReplicateTensorToMesh(*mesh), kIds);
  });
  test::expect_error(ExitCode::kFailure, {"ShardTensorToMesh", "4"}, [&] { ShardTensorToMesh(*mesh, 4); });
  if (mesh->num_devices() > 1) {
    test::expect_error(ExitCode::kMesh, {"dim 2 of 'counted' [1, 8]"}, [&] {
      from_host(counted({1, 8}), ShardTensorToMesh(*mesh, 2), kIds);
    });
  }
  world().barrier();
}

}  // namespace
}  // namespace ttx
