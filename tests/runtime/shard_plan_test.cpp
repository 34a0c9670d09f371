// SPDX-License-Identifier: Apache-2.0
#include "runtime/shard_plan.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

TEST(ShardPlan, CoversEveryExtentWithoutHolesForEveryDeviceCount) {
  for (const int devices : {1, 2, 3, 4, 5, 6, 7, 8, 16}) {
    const ShardPlan plan(devices);
    EXPECT_EQ(plan.devices(), devices);
    for (std::int64_t extent = 16; extent <= 2000; ++extent) {
      const std::int64_t unit = extent >= 256 ? 32 : extent >= 128 ? 16 : 2;
      if ((extent + unit - 1) / unit < devices) {
        continue;
      }
      std::int64_t next = 0;
      for (int device = 0; device < devices; ++device) {
        const Range piece = plan.piece(extent, device, "x");
        ASSERT_EQ(piece.begin, next) << extent << " over " << devices;
        ASSERT_GT(piece.size(), 0) << extent << " over " << devices;
        ASSERT_EQ(piece.begin % unit, 0);
        if (extent % (unit * devices) == 0) {
          ASSERT_EQ(piece.size(), extent / devices);
        }
        next = piece.end;
      }
      ASSERT_EQ(next, extent) << extent << " over " << devices;
    }
  }
}

TEST(ShardPlan, FewerDevicesHoldMergesOfTheEightDevicePieces) {
  const ShardPlan eight(8);
  for (const int devices : {1, 2, 4, 8}) {
    const ShardPlan plan(devices);
    for (std::int64_t extent = 16; extent <= 2000; ++extent) {
      for (int device = 0; device < devices; ++device) {
        const Range mine = plan.piece(extent, device, "x");
        const SumBlocks blocks = plan.sum_blocks(extent, device, "x");
        ASSERT_EQ(blocks.count, 8 / devices);
        std::int64_t begin = mine.begin;
        for (int i = 0; i < blocks.count; ++i) {
          const Range canonical = eight.piece(extent, device * blocks.count + i, "x");
          ASSERT_EQ(canonical.begin, begin) << extent << " over " << devices;
          begin = mine.begin + blocks.end[static_cast<std::size_t>(i)];
          ASSERT_EQ(canonical.end, begin) << extent << " over " << devices;
          if (i + 1 < blocks.count) {
            ASSERT_EQ(blocks.end[static_cast<std::size_t>(i)] % 2, 0);
          }
        }
        ASSERT_EQ(begin, mine.end);
      }
    }
  }
}

TEST(ShardPlan, OtherDeviceCountsHaveOneSumBlock) {
  for (const int devices : {3, 5, 6, 7, 16}) {
    const ShardPlan plan(devices);
    for (int device = 0; device < devices; ++device) {
      const SumBlocks blocks = plan.sum_blocks(1000, device, "x");
      EXPECT_EQ(blocks.count, 1);
      EXPECT_EQ(blocks.end[0], plan.piece(1000, device, "x").size());
    }
  }
}

TEST(ShardPlan, KnownPieces) {
  EXPECT_EQ(ShardPlan(8).piece(3072, 3, "x"), (Range{1152, 1536}));
  EXPECT_EQ(ShardPlan(8).piece(151936, 0, "x"), (Range{0, 18976}));  // 593 of 4748 units
  EXPECT_EQ(ShardPlan(8).piece(151936, 7, "x"), (Range{132928, 151936}));
  EXPECT_EQ(ShardPlan(2).piece(250, 1, "x"), (Range{128, 250}));
  EXPECT_EQ(ShardPlan(2).piece(126, 1, "x"), (Range{62, 126}));
  EXPECT_EQ(ShardPlan(1).piece(1, 0, "x"), (Range{0, 1}));
}

TEST(ShardPlan, SmallExtentsOnOneDeviceKeepTheCanonicalBlocks) {
  const SumBlocks blocks = ShardPlan(1).sum_blocks(5, 0, "x");
  EXPECT_EQ(blocks.count, 8);
  EXPECT_EQ(blocks.end[7], 5);
  EXPECT_TRUE(std::is_sorted(blocks.end.begin(), blocks.end.end()));
}

TEST(ShardPlan, SaysWhatDoesNotFit) {
  test::expect_error(ExitCode::kMesh,
                     {"[mesh]", "intermediate size", "14", "over 8 devices", "at most 7 devices"},
                     [] { ShardPlan(8).piece(14, 0, "intermediate size"); });
  test::expect_error(ExitCode::kMesh, {"vocabulary", "over 16 devices"},
                     [] { ShardPlan(16).sum_blocks(300, 2, "vocabulary"); });
  test::expect_error(ExitCode::kMesh, {"device 2", "line of 2"}, [] { ShardPlan(2).piece(64, 2, "x"); });
  test::expect_error(ExitCode::kMesh, {"devices: got 0"}, [] { ShardPlan plan(0); });
  test::expect_error(ExitCode::kMesh, {"devices: got 65"}, [] { ShardPlan plan(65); });
  EXPECT_EQ((MeshShape{2, 4}).to_string(), "(2, 4)");
  EXPECT_EQ((MeshShape{2, 4}).devices(), 8);
}

}  // namespace
}  // namespace ttx
