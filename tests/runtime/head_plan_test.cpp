// SPDX-License-Identifier: Apache-2.0
#include "runtime/head_plan.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

struct Counts {
  std::int64_t heads, kv_heads;
};
// The bring-ups', and odd ones.
constexpr Counts kCounts[] = {{16, 8},  {32, 8},  {32, 32}, {28, 4},  {12, 4}, {8, 4},
                              {20, 4},  {8, 1},   {7, 1},   {6, 3},   {14, 2}, {9, 9},
                              {28, 28}, {14, 14}, {36, 12}, {40, 20}, {1, 1},  {64, 16}};
constexpr int kDevices[] = {1, 2, 3, 4, 5, 6, 7, 8, 16};

TEST(HeadPlan, EveryQueryHeadLiesOnOneDeviceTogetherWithItsKvHead) {
  for (const auto [heads, kv_heads] : kCounts) {
    for (const int devices : kDevices) {
      const HeadPlan plan(heads, kv_heads, ShardPlan(devices));
      const std::int64_t local_group = plan.heads_per_device() / plan.kv_heads_per_device();
      ASSERT_EQ(plan.heads_per_device() % plan.kv_heads_per_device(), 0);
      std::int64_t next = 0;
      for (int device = 0; device < devices; ++device) {
        const Range q = plan.query_heads(device);
        const Range kv = plan.kv_heads(device);
        ASSERT_EQ(q.begin, next) << plan.to_string();
        ASSERT_LE(q.size(), plan.heads_per_device());
        ASSERT_LE(kv.size(), plan.kv_heads_per_device());
        for (std::int64_t h = q.begin; h < q.end; ++h) {
          // What attention on the device reads for its local head h - q.begin.
          ASSERT_EQ(kv.begin + (h - q.begin) / local_group, h / (heads / kv_heads)) << plan.to_string();
        }
        next = q.end;
      }
      ASSERT_EQ(next, heads) << plan.to_string();
    }
  }
}

/// The tree over all blocks of all devices as nested text, zero blocks left out: "((0 1) 2)" with each block
/// the list of its query heads. Equal texts are equal sums.
std::string tree_of(const HeadPlan& plan, int devices) {
  std::vector<std::string> level;
  for (int device = 0; device < devices; ++device) {
    const Range q = plan.query_heads(device);
    const SumBlocks blocks = plan.sum_blocks(1);
    std::int64_t begin = 0;
    for (int i = 0; i < blocks.count; ++i) {
      const std::int64_t end = blocks.end[static_cast<std::size_t>(i)];
      std::string text;
      for (std::int64_t h = q.begin + begin; h < std::min(q.begin + end, q.end); ++h) {
        text += std::to_string(h) + ",";
      }
      level.push_back(text);
      begin = end;
    }
    EXPECT_EQ(begin, plan.heads_per_device());
  }
  while (level.size() > 1) {
    std::vector<std::string> above;
    for (std::size_t i = 0; i < level.size(); i += 2) {
      const bool both = !level[i].empty() && !level[i + 1].empty();
      above.push_back(both ? "(" + level[i] + "+" + level[i + 1] + ")" : level[i] + level[i + 1]);
    }
    level = above;
  }
  return level[0];
}

TEST(HeadPlan, OneTwoFourAndEightDevicesFormTheSameSum) {
  for (const auto [heads, kv_heads] : kCounts) {
    const std::string eight = tree_of(HeadPlan(heads, kv_heads, ShardPlan(8)), 8);
    for (const int devices : {1, 2, 4}) {
      EXPECT_EQ(tree_of(HeadPlan(heads, kv_heads, ShardPlan(devices)), devices), eight)
          << heads << " / " << kv_heads << " on " << devices;
    }
  }
}

TEST(HeadPlan, TheBringUpsOnEightDevices) {
  const ShardPlan eight(8);
  EXPECT_EQ(HeadPlan(16, 8, eight).to_string(), "16 / 8 heads: 2 / 1 on each of 8 devices");
  EXPECT_EQ(HeadPlan(12, 4, eight).to_string(),
            "12 / 4 heads: 3 / 1 on each of 8 devices, zero heads appended up to 24 / 8");
  EXPECT_EQ(HeadPlan(8, 4, eight).to_string(),
            "8 / 4 heads: 1 / 1 on each of 8 devices, each KV head on 2 devices");
  EXPECT_EQ(HeadPlan(28, 4, eight).kind(), HeadPlan::Kind::kPadded);
  EXPECT_EQ(HeadPlan(28, 4, eight).heads_per_device(), 7);
  EXPECT_EQ(HeadPlan(28, 4, eight).query_heads(4), (Range{28, 28}));
  EXPECT_EQ(HeadPlan(12, 4, ShardPlan(4)).heads_per_device(), 3);
  EXPECT_EQ(HeadPlan(12, 4, ShardPlan(2)).to_string(), "12 / 4 heads: 6 / 2 on each of 2 devices");
  EXPECT_EQ(HeadPlan(12, 4, ShardPlan(1)).kv_heads(0), (Range{0, 4}));
}

TEST(HeadPlan, RefusesCountsThatAreNoGroups) {
  const ShardPlan one(1);
  test::expect_error(ExitCode::kCheckpoint, {"heads", "got 10", "4 KV heads"}, [&] { HeadPlan(10, 4, one); });
  test::expect_error(ExitCode::kCheckpoint, {"heads"}, [&] { HeadPlan(0, 1, one); });
  test::expect_error(ExitCode::kCheckpoint, {"heads"}, [&] { HeadPlan(1, 0, one); });
}

}  // namespace
}  // namespace ttx
