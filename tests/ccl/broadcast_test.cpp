// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

TEST(Broadcast, EveryoneEndsWithTheValuesOfTheRoot) {
  const auto mesh = test::open_whole_mesh(world());
  for (int root = 0; root < mesh->num_devices(); ++root) {
    Tensor x =
        Tensor::rows(*mesh, Shape{1, 1, 3, 7}, DataType::UINT32, Layout::ROW_MAJOR, Placement::replicated());
    for (std::uint32_t& value : x.mutable_u32()) {
      value = static_cast<std::uint32_t>(10 + mesh->line_index());
    }
    const Tensor result = broadcast(x, root);
    EXPECT_EQ(result.shape(), x.shape());
    EXPECT_EQ(result.placement(), Placement::replicated());
    for (const std::uint32_t value : result.u32()) {
      EXPECT_EQ(value, static_cast<std::uint32_t>(10 + root));
    }
    // The input is nobody's to change.
    EXPECT_EQ(x.u32()[0], static_cast<std::uint32_t>(10 + mesh->line_index()));
  }
}

TEST(Broadcast, RefusesOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  const Tensor x = test::partial(*mesh, Shape{1, 1, 1, 4}, 1);
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "partial"}, [&] { broadcast(x, 0); });
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "sharded"},
                     [&] { broadcast(x.placed(Placement::sharded(3)), 0); });
  const Tensor whole = x.placed(Placement::replicated());
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "no such device", "got -1"},
                     [&] { broadcast(whole, -1); });
  test::expect_error(ExitCode::kFailure, {"[broadcast]", "links"},
                     [&] { broadcast(whole, 0, {.num_links = 0}); });
  if (mesh->num_devices() > 1) {
    const Tensor odd = Tensor::rows(*mesh, Shape{1, 1, 1, mesh->line_index() == 1 ? 5 : 4}, DataType::FLOAT32,
                                    Layout::TILE, Placement::replicated());
    test::expect_error(ExitCode::kFailure, {"[broadcast]", "device 1", "[1, 1, 1, 5]"},
                       [&] { broadcast(odd, 0); });
  }
  world().barrier();
}

}  // namespace
}  // namespace ttx
