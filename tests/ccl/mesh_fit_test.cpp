// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_fit.hpp"

#include <numeric>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using testing::ElementsAre;

TEST(MeshFit, AsIsThenRotatedThenLine) {
  EXPECT_EQ(fit_of({2, 4}, {2, 4}), MeshFit::kAsIs);
  EXPECT_EQ(fit_of({1, 2}, {2, 4}), MeshFit::kAsIs);
  EXPECT_EQ(fit_of({2, 4}, {8, 4}), MeshFit::kAsIs);
  EXPECT_EQ(fit_of({2, 4}, {4, 2}), MeshFit::kRotated);
  EXPECT_EQ(fit_of({4, 1}, {2, 4}), MeshFit::kRotated);
  EXPECT_EQ(fit_of({1, 8}, {8, 4}), MeshFit::kRotated);
  EXPECT_EQ(fit_of({1, 8}, {2, 4}), MeshFit::kLine);
  EXPECT_EQ(fit_of({5, 1}, {2, 4}), MeshFit::kLine);
  EXPECT_EQ(fit_of({2, 4}, {1, 2}), std::nullopt);
  EXPECT_EQ(fit_of({2, 4}, {1, 8}), std::nullopt);
  EXPECT_EQ(fit_of({3, 3}, {2, 4}), std::nullopt);
  EXPECT_EQ(fit_of({1, 9}, {2, 4}), std::nullopt);
}

TEST(MeshFit, DevicesOfTheSystemInLineOrder) {
  EXPECT_THAT(devices_of({2, 4}, {2, 4}, MeshFit::kAsIs), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
  EXPECT_THAT(devices_of({2, 2}, {2, 4}, MeshFit::kAsIs), ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(devices_of({2, 4}, {4, 2}, MeshFit::kRotated), ElementsAre(0, 2, 4, 6, 1, 3, 5, 7));
  EXPECT_THAT(devices_of({4, 1}, {2, 4}, MeshFit::kRotated), ElementsAre(0, 1, 2, 3));
  EXPECT_THAT(devices_of({1, 8}, {2, 4}, MeshFit::kLine), ElementsAre(0, 1, 2, 3, 7, 6, 5, 4));
  EXPECT_THAT(devices_of({5, 1}, {2, 4}, MeshFit::kLine), ElementsAre(0, 1, 2, 3, 7));
}

/// Whether every two devices that are neighbours in the mesh are so in the system.
bool keeps_neighbours(MeshShape mesh, MeshShape system, const std::vector<int>& devices) {
  const auto distance = [&](int a, int b) {
    return std::abs(a / system.cols - b / system.cols) + std::abs(a % system.cols - b % system.cols);
  };
  for (int row = 0; row < mesh.rows; ++row) {
    for (int col = 0; col < mesh.cols; ++col) {
      const auto at = static_cast<std::size_t>(row * mesh.cols + col);
      if ((col + 1 < mesh.cols && distance(devices[at], devices[at + 1]) != 1) ||
          (row + 1 < mesh.rows &&
           distance(devices[at], devices[at + static_cast<std::size_t>(mesh.cols)]) != 1)) {
        return false;
      }
    }
  }
  return true;
}

TEST(MeshFit, EveryLayKeepsNeighboursAndUsesEachDeviceOnce) {
  for (const MeshShape system : {MeshShape{2, 4}, MeshShape{4, 2}, MeshShape{8, 4}, MeshShape{3, 5}}) {
    for (int rows = 1; rows <= 9; ++rows) {
      for (int cols = 1; cols <= 9; ++cols) {
        const MeshShape mesh{rows, cols};
        const std::optional<MeshFit> fit = fit_of(mesh, system);
        if (!fit) {
          continue;
        }
        const std::vector<int> devices = devices_of(mesh, system, *fit);
        EXPECT_EQ(std::ssize(std::set<int>(devices.begin(), devices.end())), mesh.devices());
        EXPECT_GE(*std::min_element(devices.begin(), devices.end()), 0);
        EXPECT_LT(*std::max_element(devices.begin(), devices.end()), system.devices());
        EXPECT_TRUE(keeps_neighbours(mesh, system, devices)) << mesh.to_string() << system.to_string();
      }
    }
  }
}

TEST(MeshFit, BuiltInSystems) {
  EXPECT_EQ(built_in_system_for({1, 1}).name, "n150");
  EXPECT_EQ(built_in_system_for({1, 2}).name, "n300");
  EXPECT_EQ(built_in_system_for({2, 1}).name, "n300");
  for (const MeshShape mesh : {MeshShape{1, 3}, {2, 2}, {4, 1}, {2, 4}, {4, 2}, {1, 8}, {8, 1}}) {
    EXPECT_EQ(built_in_system_for(mesh).name, "t3k") << mesh.to_string();
  }
  for (const MeshShape mesh : {MeshShape{3, 3}, {1, 9}, {4, 8}, {8, 4}, {32, 1}}) {
    EXPECT_EQ(built_in_system_for(mesh).name, "galaxy") << mesh.to_string();
  }
  for (const MeshShape mesh : {MeshShape{5, 5}, {8, 8}, {1, 64}}) {
    EXPECT_EQ(built_in_system_for(mesh).name, "dual_galaxy") << mesh.to_string();
  }
  for (const MeshShape mesh : {MeshShape{4, 16}, {2, 9}, {1, 65}}) {
    test::expect_error(ExitCode::kMesh,
                       {"Requested mesh " + mesh.to_string() + " exceeds every built-in system",
                        "the largest is dual_galaxy (8, 8)", "TT_MESH_GRAPH_DESC_PATH"},
                       [&] { built_in_system_for(mesh); });
  }
}

}  // namespace
}  // namespace ttx
