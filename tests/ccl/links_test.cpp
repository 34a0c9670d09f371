// SPDX-License-Identifier: Apache-2.0
//
// num_links of the collectives against the links of the system.
#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

TEST(Links, ACollectiveUsesAtMostThoseOfTheSystem) {
  const MeshShape shape{1, world().size()};
  MeshSystem system = MeshSystem::of(shape);
  system.links = 3;
  const auto mesh = open_mesh_device(world(), shape, system, 1, ccl::default_transport());
  const Tensor terms = test::partial(*mesh, Shape{1, 1, 32, 256}, 1);
  const Tensor whole = all_reduce(terms, {.num_links = 3});
  const CclOptions too_many{.num_links = 4};
  if (mesh->num_devices() == 1) {
    EXPECT_NO_THROW(all_reduce(terms, too_many));  // nothing moves
    return;
  }
  const auto refused = [](const char* op, auto&& call) {
    test::expect_error(ExitCode::kMesh, {op, "too many links: got num_links 4, expected at most 3"}, call);
  };
  refused("[all_reduce]", [&] { all_reduce(terms, too_many); });
  refused("[reduce_scatter]", [&] { reduce_scatter(terms, 3, too_many); });
  refused("[broadcast]", [&] { broadcast(whole, 0, too_many); });
  refused("[all_gather]", [&] { all_gather(whole.placed(Placement::sharded(3)), 3, too_many); });
  world().barrier();
}

}  // namespace
}  // namespace ttx
