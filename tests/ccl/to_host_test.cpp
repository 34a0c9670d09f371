// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <numeric>

#include <gtest/gtest.h>

#include "ccl/mesh_mapper.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

HostTensor whole_numbers(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.volume()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = static_cast<float>(i % 251);  // exact in bfloat16, and 251 divides no row
  }
  return HostTensor::from("numbers", shape, std::move(values));
}

struct Case {
  Shape shape;
  int dim;
  DataType dtype;
};

class ToHost : public testing::TestWithParam<Case> {};

TEST_P(ToHost, GivesBackWhatFromHostSpread) {
  const auto mesh = test::open_whole_mesh(world());
  const auto& [shape, dim, dtype] = GetParam();
  const HostTensor whole = whole_numbers(shape);
  const FromHost how{.dtype = dtype, .layout = Layout::TILE, .use = MemoryUse::kActivations};
  const Tensor spread = from_host(whole, ShardTensorToMesh(*mesh, dim), how);
  const HostTensor back = to_host(spread, ConcatMeshToTensor(*mesh, dim));
  if (mesh->line_index() != 0) {
    EXPECT_TRUE(back.empty());
    return;
  }
  ASSERT_EQ(back.shape(), shape);
  ASSERT_EQ(back.dtype(), DataType::FLOAT32);
  EXPECT_EQ(std::memcmp(back.bytes().data(), whole.bytes().data(), whole.bytes().size()), 0);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, ToHost,
    testing::Values(
        Case{{1, 1, 3, 1000}, 3, DataType::BFLOAT16},     // uneven columns, as logits
        Case{{1, 1, 3, 1000}, -1, DataType::FLOAT32},     //
        Case{{1, 1, 77, 5}, 2, DataType::BFLOAT16},       // whole rows
        Case{{1, 40, 3, 2}, 1, DataType::BFLOAT16},       //
        Case{{1, 1, 40, 151936}, 3, DataType::BFLOAT16},  // more than one round for every rank count but 8
        Case{{1, 1, 9000, 520}, 2, DataType::FLOAT32}),   // rounds of uneven rows
    [](const auto& param) { return "case_" + std::to_string(param.index); });

TEST(ToHostMore, ReplicatedGivesOneCopyForEachDevice) {
  const auto mesh = test::open_whole_mesh(world());
  const HostTensor ids =
      HostTensor::from("ids", Shape{1, 1, 2, 3}, std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6});
  const Tensor tensor =
      from_host(ids, ReplicateTensorToMesh(*mesh),
                {.dtype = DataType::UINT32, .layout = Layout::ROW_MAJOR, .use = MemoryUse::kActivations});
  const HostTensor back = to_host(tensor, ConcatMeshToTensor(*mesh, 3));
  if (mesh->line_index() != 0) {
    EXPECT_TRUE(back.empty());
    return;
  }
  ASSERT_EQ(back.shape(), (Shape{1, 1, 2, 3 * mesh->num_devices()}));
  ASSERT_EQ(back.dtype(), DataType::UINT32);
  std::vector<std::uint32_t> values(back.bytes().size() / 4);
  std::memcpy(values.data(), back.bytes().data(), back.bytes().size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t row = i / (values.size() / 2);
    EXPECT_EQ(values[i], 3 * row + i % 3 + 1);
  }
}

TEST(ToHostMore, PackedWeightsComeBackInLogicalOrder) {
  const auto mesh = test::open_whole_mesh(world());
  const HostTensor stored = whole_numbers({600, 70});  // [N, K]
  for (const int dim : {2, 3}) {
    const Tensor weight = from_host(stored.transposed(), ShardTensorToMesh(*mesh, dim));
    EXPECT_EQ(weight.format(), Format::kWeightPanels);
    const HostTensor back = to_host(weight, ConcatMeshToTensor(*mesh, dim));
    if (mesh->line_index() == 0) {
      ASSERT_EQ(back.shape(), (Shape{1, 1, 70, 600}));
      EXPECT_EQ(back.to_floats(), stored.transposed().to_floats());
    }
  }
}

TEST(ToHostMore, RefusesWhatDoesNotLieAlongTheDimOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  const Tensor x = test::partial(*mesh, Shape{1, 1, 1, 4}, 1);
  const MeshComposer columns = ConcatMeshToTensor(*mesh, 3);
  test::expect_error(ExitCode::kFailure, {"[to_host]", "partial", "all_reduce"},
                     [&] { to_host(x, columns); });
  test::expect_error(ExitCode::kFailure, {"[to_host]", "sharded on dim 2", "expected it sharded on dim 3"},
                     [&] { to_host(x.placed(Placement::sharded(2)), columns); });
  test::expect_error(ExitCode::kFailure, {"[to_host]", "empty"}, [&] { to_host(Tensor(), columns); });
  const auto other = test::open_whole_mesh(world());
  test::expect_error(ExitCode::kFailure, {"[to_host]", "another mesh"},
                     [&] { to_host(x.placed(Placement::sharded(3)), ConcatMeshToTensor(*other, 3)); });
  world().barrier();
}

}  // namespace
}  // namespace ttx
