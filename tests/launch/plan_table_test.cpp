// SPDX-License-Identifier: Apache-2.0
#include "launch/plan_table.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ttx::launch {
namespace {

PlannedTensor weight(const std::string& name, const Shape& shape, std::int64_t bytes) {
  return {name, shape, DataType::BFLOAT16, Placement::sharded(3), MemoryUse::kWeights, bytes};
}

PlannedTensor cache(const std::string& name, std::int64_t bytes) {
  return {name, Shape{32, 1, 64, 32}, DataType::BFLOAT16, Placement::sharded(1), MemoryUse::kKvCache, bytes};
}

TEST(PlanTable, LayersOfOneKindShareALine) {
  const std::string table = tensor_table({weight("model.layers.0.q.weight", {1, 1, 64, 32}, 4096),
                                          weight("model.layers.1.q.weight", {1, 1, 64, 32}, 4096),
                                          weight("model.layers.10.q.weight", {1, 1, 64, 64}, 8192),
                                          weight("lm_head.weight", {1, 1, 64, 96}, 12288)});
  EXPECT_THAT(table, testing::HasSubstr("model.layers.*.q.weight      2  [1, 1, 64, 32]"));
  EXPECT_THAT(table, testing::HasSubstr("model.layers.*.q.weight      1  [1, 1, 64, 64]"));
  EXPECT_THAT(table, testing::HasSubstr("8192 B"));
  EXPECT_THAT(table, testing::HasSubstr("sharded on dim 3"));
  EXPECT_EQ(std::count(table.begin(), table.end(), '\n'), 4);
}

TEST(PlanTable, DevicesThatHoldTheSameShareALine) {
  const std::vector<PlannedTensor> full{weight("w", {1, 1, 32, 32}, 3'000'000), cache("k", 1'000'000)};
  const std::vector<PlannedTensor> less{weight("w", {1, 1, 32, 32}, 2'000'000), cache("k", 1'000'000)};
  const std::string table =
      device_table({{full, "", 0, ""}, {full, "", 0, ""}, {less, "", 0, ""}}, 8'000'000);
  EXPECT_THAT(table, testing::HasSubstr("0 to 1        3.0 MB      1.0 MB      4.0 MB    50.0%"));
  EXPECT_THAT(table, testing::HasSubstr("2             2.0 MB      1.0 MB      3.0 MB    37.5%"));
  EXPECT_EQ(planned_bytes(less), 3'000'000);
}

TEST(PlanTable, BytesInWords) {
  EXPECT_EQ(bytes_text(999'999), "999999 B");
  EXPECT_EQ(bytes_text(1'500'000), "1.5 MB");
  EXPECT_EQ(bytes_text(1'503'238'553), "1.503 GB");
}

}  // namespace
}  // namespace ttx::launch
