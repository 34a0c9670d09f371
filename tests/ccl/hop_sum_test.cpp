// SPDX-License-Identifier: Apache-2.0
//
// Collectives of devices that compute as the hardware does: the sums are those of hop_sum, whose own values
// tests/runtime/device_numerics checks.
#include "runtime/device_numerics/hop_sum.hpp"

#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "runtime/device_numerics/rounding.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"

namespace ttx {
namespace {

using test::world;

std::shared_ptr<MeshDevice> open_mesh(int threads) {
  const MeshShape shape{1, world().size()};
  MeshSystem system = MeshSystem::of(shape);
  system.numerics = Numerics::kDevice;
  const MeshSystem shared = share(world(), system);
  EXPECT_EQ(shared, system);
  return open_mesh_device(world(), shape, shared, threads, ccl::default_transport());
}

/// What the packers make of the terms of all devices.
std::vector<std::vector<bfloat16>> packed_terms(std::uint64_t seed, std::size_t count) {
  std::vector<std::vector<bfloat16>> all;
  for (int device = 0; device < world().size(); ++device) {
    std::vector<bfloat16>& own = all.emplace_back();
    for (const float term : test::terms_of(seed, device, count)) {
      own.push_back(device_numerics::packed(term));
    }
  }
  return all;
}

std::vector<const bfloat16*> pointers(const std::vector<std::vector<bfloat16>>& terms) {
  std::vector<const bfloat16*> result;
  for (const std::vector<bfloat16>& term : terms) {
    result.push_back(term.data());
  }
  return result;
}

TEST(HopByHop, AllReduce) {
  for (const int threads : {1, 3}) {
    const auto mesh = open_mesh(threads);
    for (const Shape& shape : {Shape{1, 1, 1, 7}, Shape{1, 1, 3, 512}, Shape{1, 1, 70, 1000}}) {
      const auto count = static_cast<std::size_t>(shape.volume());
      const auto terms = packed_terms(21, count);
      std::vector<bfloat16> expected(count);
      device_numerics::hop_sum(pointers(terms), device_numerics::line_slices(shape, world().size()), 0,
                               expected);
      if (world().size() == 1) {
        EXPECT_EQ(test::bits_of(expected), test::bits_of(terms[0]));
      }
      const Tensor sum = all_reduce(test::partial(*mesh, shape, 21));
      EXPECT_EQ(sum.placement(), Placement::replicated());
      EXPECT_EQ(test::bits_of(sum.bf16()), test::bits_of(expected)) << shape.to_string();
    }
  }
}

TEST(HopByHop, ReduceScatterFormsASliceOnItsDevice) {
  const auto mesh = open_mesh(1);
  const Shape shape{1, 1, 5, 1000};
  const auto terms = packed_terms(22, 5000);
  const Tensor piece = reduce_scatter(test::partial(*mesh, shape, 22), 3);
  const Range range = mesh->plan().piece(1000, mesh->line_index(), "test");
  const auto width = static_cast<std::size_t>(range.size());
  std::vector<bfloat16> expected(5 * width);
  for (std::size_t row = 0; row < 5; ++row) {
    device_numerics::hop_sum(pointers(terms), mesh->line_index(),
                             static_cast<std::int64_t>(row) * 1000 + range.begin,
                             std::span(expected).subspan(row * width, width));
  }
  EXPECT_EQ(test::bits_of(piece.bf16()), test::bits_of(expected));
}

}  // namespace
}  // namespace ttx
