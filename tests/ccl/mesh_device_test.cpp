// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_device.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/ccl/mpi_world.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

/// Every way to lay the ranks out in rows and columns.
std::vector<MeshShape> shapes() {
  std::vector<MeshShape> result;
  for (int rows = 1; rows <= world().size(); ++rows) {
    if (world().size() % rows == 0) {
      result.push_back({rows, world().size() / rows});
    }
  }
  return result;
}

TEST(MeshDevice, CoordinatesAreRowMajor) {
  for (const MeshShape shape : shapes()) {
    const auto mesh = open_mesh_device(world(), shape);
    EXPECT_EQ(mesh->shape(), shape);
    EXPECT_EQ(mesh->num_devices(), world().size());
    EXPECT_EQ(mesh->plan().devices(), world().size());
    EXPECT_EQ(mesh->line_index(), world().rank());
    EXPECT_EQ(mesh->coord().row * shape.cols + mesh->coord().col, world().rank());
    EXPECT_LT(mesh->coord().col, shape.cols);
  }
}

TEST(MeshDevice, KnowsItsTensors) {
  const auto mesh = open_mesh_device(world(), {1, world().size()}, 2);
  EXPECT_EQ(mesh->threads().size(), 2);
  const Tensor tensor =
      Tensor::rows(*mesh, Shape{1, 1, 1, 4}, DataType::FLOAT32, Layout::TILE, Placement::replicated());
  EXPECT_EQ(&MeshDevice::of(tensor), mesh.get());
  test::expect_error(ExitCode::kFailure, {"empty"}, [] { MeshDevice::of(Tensor()); });

  Device single(wormhole_profile(1), 1);
  const Tensor elsewhere =
      Tensor::rows(single, Shape{1, 1, 1, 4}, DataType::FLOAT32, Layout::TILE, Placement::replicated());
  test::expect_error(ExitCode::kFailure, {"[mesh]", "open_mesh_device"}, [&] { MeshDevice::of(elsewhere); });
}

TEST(MeshDevice, AWrongRankCountNamesTheCommandThatFits) {
  const int ranks = world().size();
  test::expect_error(
      ExitCode::kMesh,
      {"[mesh] the model wants a (3, 7) mesh, 21 devices: got " + std::to_string(ranks) + " rank",
       "expected 21", "start it with: mpirun -np 21 ", "ccl_mesh_test ..."},
      [] {
        open_mesh_device(world(), {3, 7});
      });
  if (ranks > 1) {
    test::expect_error(ExitCode::kMesh, {"a (1, 1) mesh, 1 device: got ", "mpirun -np 1 "}, [] {
      open_mesh_device(world(), {1, 1});
    });
  }
  test::expect_error(ExitCode::kMesh, {"at least one row"}, [] { open_mesh_device(world(), {0, 4}); });
  test::expect_error(ExitCode::kMesh, {"[mesh]"}, [] {
    MeshDevice(MeshShape{3, 7}, world().line(), MeshSystem::of({3, 7}), 1);
  });
  world().barrier();
}

TEST(MeshDevice, IsPartOfASystem) {
  const int ranks = world().size();
  const auto alone = open_mesh_device(world(), {1, ranks});
  EXPECT_EQ(alone->get_device_ids(), MeshSystem::of({1, ranks}).device_ids);
  EXPECT_EQ(alone->get_device_ids().back(), ranks - 1);
  EXPECT_EQ(alone->profile().name, wormhole_profile(ranks).name);
  EXPECT_EQ(alone->profile().limits, DeviceLimits::kIgnored);

  MeshSystem wanted;
  if (world().rank() == 0) {
    wanted = {.devices = 32, .links = 3, .device_ids = {}, .limits = DeviceLimits::kHold};
    for (int i = 0; i < ranks; ++i) {
      wanted.device_ids.push_back(31 - i);
    }
  }
  const MeshSystem system = share(world(), wanted);
  const auto mesh = open_mesh_device(world(), {1, ranks}, system, 1);
  EXPECT_EQ(mesh->profile().name, "Galaxy chip");
  EXPECT_EQ(mesh->profile().links, 3);
  EXPECT_EQ(mesh->profile().limits, DeviceLimits::kHold);
  EXPECT_EQ(mesh->get_device_ids()[static_cast<std::size_t>(world().rank())], 31 - world().rank());
  test::expect_error(ExitCode::kMesh, {"[mesh] the system does not fit the mesh: got 0 device ids"}, [&] {
    open_mesh_device(world(), {1, ranks}, MeshSystem{}, 1);
  });
}

}  // namespace
}  // namespace ttx
