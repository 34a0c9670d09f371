// SPDX-License-Identifier: Apache-2.0
#include <limits>

#include <gtest/gtest.h>

#include "ccl/ccl.hpp"
#include "tests/ccl/mpi_world.hpp"
#include "tests/ccl/terms.hpp"
#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using test::world;

TEST(AllReduce, SumOfRankNumbers) {
  const auto mesh = test::open_whole_mesh(world());
  Tensor x = Tensor::rows(*mesh, Shape{1, 1, 3, 5}, DataType::FLOAT32, Layout::TILE, Placement::partial());
  for (std::size_t i = 0; i < 15; ++i) {
    x.mutable_f32()[i] = static_cast<float>(mesh->line_index() + 1) * static_cast<float>(i);
  }
  x.set_name("hidden");
  const Tensor sum = all_reduce(x);
  EXPECT_EQ(sum.placement(), Placement::replicated());
  EXPECT_EQ(sum.dtype(), DataType::BFLOAT16);
  EXPECT_EQ(sum.layout(), Layout::TILE);
  EXPECT_EQ(sum.shape(), (Shape{1, 1, 3, 5}));
  EXPECT_EQ(sum.name(), "hidden");
  const float devices = static_cast<float>(mesh->num_devices());
  for (std::size_t i = 0; i < 15; ++i) {
    EXPECT_EQ(to_float(sum.bf16()[i]),
              to_float(to_bfloat16(devices * (devices + 1) / 2 * static_cast<float>(i))));
  }
}

class AllReduceSizes : public testing::TestWithParam<std::int64_t> {};

TEST_P(AllReduceSizes, IsTheTreeBitForBit) {
  const auto mesh = test::open_whole_mesh(world());
  const std::int64_t size = GetParam();
  const Tensor sum = all_reduce(test::partial(*mesh, Shape{1, 1, 1, size}, 11));
  EXPECT_EQ(test::bits_of(sum.bf16()),
            test::expected_sum(11, mesh->num_devices(), static_cast<std::size_t>(size)));
}

// One value; fewer than devices; both sides of 32 KiB received (8, 6, 4, 3 and 2 devices); one slice and two
// of a window; no multiple of anything; both sides of a window's slot; more than one exchange of 2^20.
INSTANTIATE_TEST_SUITE_P(Sizes, AllReduceSizes,
                         testing::Values(1, 7, 1024, 1025, 1365, 1366, 2048, 2049, 2730, 2731, 4096, 4097,
                                         8192, 8193, 40007, 65536, 65537, (1 << 20) + 3));

TEST(AllReduce, TheDataTellsOrdersApart) {
  // Otherwise the test above could not fail: adding from left to right must give other bits somewhere.
  const int devices = world().size();
  const std::size_t size = 16384;
  const auto expected = test::expected_sum(11, devices, size);
  std::size_t different = 0;
  for (std::size_t i = 0; i < size; ++i) {
    float sum = 0;
    for (int device = 0; device < devices; ++device) {
      sum += test::term(11, device, i);
    }
    different += to_bfloat16(sum).bits != expected[i] ? 1U : 0U;
  }
  if (devices >= 4) {
    EXPECT_GT(different, 0U);
  } else {
    EXPECT_EQ(different, 0U);  // up to three terms there is only this order
  }
}

TEST(AllReduce, ZerosDenormalsAndInfinities) {
  const auto mesh = test::open_whole_mesh(world());
  Tensor x = Tensor::rows(*mesh, Shape{1, 1, 1, 5}, DataType::FLOAT32, Layout::TILE, Placement::partial());
  const std::span<float> values = x.mutable_f32();
  values[0] = -0.0F;
  values[1] = std::numeric_limits<float>::denorm_min();
  values[2] = std::numeric_limits<float>::infinity();
  values[3] = mesh->line_index() == 0 ? std::numeric_limits<float>::quiet_NaN() : 1.0F;
  values[4] = 0x1.8p-127F;  // two of them make a normal number, unless each is a zero
  const Tensor sum = all_reduce(x);
  EXPECT_EQ(sum.bf16()[0].bits, 0x0000);  // a sum of zeros is +0
  EXPECT_EQ(sum.bf16()[1].bits, 0x0000);
  EXPECT_EQ(sum.bf16()[2].bits, 0x7F80);
  EXPECT_EQ(sum.bf16()[3].bits, 0x7FC0);
  EXPECT_EQ(sum.bf16()[4].bits, 0x0000);
}

TEST(AllReduce, ManyInARowKeepTheirBits) {
  // No barrier between them: whatever a transport keeps from call to call must not be overtaken.
  const auto mesh = test::open_whole_mesh(world());
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const auto size = static_cast<std::int64_t>(1 + test::hash(seed) % 3000);
    const Tensor sum = all_reduce(test::partial(*mesh, Shape{1, 1, 1, size}, seed));
    ASSERT_EQ(test::bits_of(sum.bf16()),
              test::expected_sum(seed, mesh->num_devices(), static_cast<std::size_t>(size)));
  }
}

TEST(AllReduce, SeveralThreadsGiveTheSameBits) {
  const auto mesh = test::open_whole_mesh(world(), 2);
  const Tensor sum = all_reduce(test::partial(*mesh, Shape{1, 1, 2, 70001}, 5));
  EXPECT_EQ(test::bits_of(sum.bf16()), test::expected_sum(5, mesh->num_devices(), 2 * 70001));
}

TEST(AllReduce, RefusesWhatIsNoSumOnAllRanksAlike) {
  const auto mesh = test::open_whole_mesh(world());
  const Shape shape{1, 1, 1, 4};
  const Tensor whole = Tensor::rows(*mesh, shape, DataType::FLOAT32, Layout::TILE, Placement::replicated());
  test::expect_error(ExitCode::kFailure, {"[all_reduce]", "replicated", "expected FLOAT32 partial"},
                     [&] { all_reduce(whole); });
  const Tensor rounded = Tensor::rows(*mesh, shape, DataType::BFLOAT16, Layout::TILE, Placement::partial());
  test::expect_error(ExitCode::kFailure, {"[all_reduce]", "BFLOAT16"}, [&] { all_reduce(rounded); });
  test::expect_error(ExitCode::kFailure, {"[all_reduce]", "empty"}, [] { all_reduce(Tensor()); });
  test::expect_error(ExitCode::kFailure, {"[all_reduce]", "links", "got 0"},
                     [&] { all_reduce(test::partial(*mesh, shape, 1), {.num_links = 0}); });
  Device single(wormhole_profile(1), 1);
  const Tensor alone = Tensor::rows(single, shape, DataType::FLOAT32, Layout::TILE, Placement::partial());
  test::expect_error(ExitCode::kFailure, {"[mesh]"}, [&] { all_reduce(alone); });
  world().barrier();
}

}  // namespace
}  // namespace ttx
