// SPDX-License-Identifier: Apache-2.0
//
// Shares and what is written of them, from figures made up.
#include "bench/model_report.hpp"

#include <fstream>
#include <iterator>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/support/temp_dir.hpp"

namespace ttx::bench {
namespace {

/// Two rounds on a host that reads 10 GB/s, half of it from small pages, and does 100 GFLOP/s.
ModelReport report() {
  ModelReport r;
  r.model = "a<b&c";
  r.ranks = 2;
  r.rounds = 2;
  r.weight_bytes = 1e9;
  r.cache_bytes = 1e8;
  r.measured = {
      {Measured::Kind::kPrefill, 50, 1e9, 4e10, {0.5, 1.0}, {0.4, 0.8}, {{10, 100, 5}, {10, 100, 5}}},
      {Measured::Kind::kDecode, 7, 1e9, 2e9, {0.125, 0.2}, {0.1, 0.15}, {{10, 100, 5}, {10, 100, 5}}},
  };
  r.memory.resize(2);
  r.memory[0].resident = 700'000'000;
  r.memory[1].resident = 500'000'000;
  return r;
}

TEST(ModelReport, ShareIsTheLeastTimeOverTheTimeTaken) {
  const ModelReport r = report();
  EXPECT_THAT(r.measured[0].read_shares(), testing::ElementsAre(0.2, 0.1));
  EXPECT_THAT(r.measured[0].peak_shares(), testing::ElementsAre(0.8, 0.4));
  EXPECT_THAT(r.measured[0].shares(), testing::ElementsAre(0.8, 0.4));
  EXPECT_THAT(r.measured[1].shares(), testing::ElementsAre(0.8, 0.5));
}

TEST(ModelReport, ALongerCacheIsJudgedByWhatItReads) {
  ModelReport r = report();
  EXPECT_FALSE(longer_cache(r.measured));
  EXPECT_THAT(table_text(r), testing::Not(testing::HasSubstr("more than at")));
  // 0.2 GB more, 40 ms of reading
  r.measured.push_back(
      {Measured::Kind::kDecode, 99, 1.2e9, 2e9, {0.15, 0.23}, {0.1, 0.15}, {{10, 100, 5}, {10, 100, 5}}});
  const auto longer = longer_cache(r.measured);
  ASSERT_TRUE(longer);
  EXPECT_EQ(longer->from, 7);
  EXPECT_EQ(longer->to, 99);
  ASSERT_EQ(longer->ratio.size(), 2U);
  EXPECT_DOUBLE_EQ(longer->ratio[0], 0.625);
  EXPECT_DOUBLE_EQ(longer->ratio[1], 0.75);
  EXPECT_THAT(table_text(r),
              testing::HasSubstr(
                  "decode at 99 takes 27.50 ms more than at 7: 0.69 (0.66-0.72) times what reading its "
                  "keys and values takes, at 5.0 (5.0-5.0) GB/s from small pages"));
}

TEST(ModelReport, TableShowsMediansAndWhatCollectivesAdd) {
  const std::string text = table_text(report());
  EXPECT_THAT(text, testing::HasSubstr(
                        "prefill     50       75.0     62.5     87.5     15.000     1.3     53.3    0.500  "
                        "0.600  0.700    150.00  0.200"));
  EXPECT_THAT(text, testing::HasSubstr("decode       7        6.5      5.8      7.2    162.500 "));
  EXPECT_THAT(text, testing::HasSubstr(
                        "memory, GB: 0.700 0.500\n  together 1.200: weights 1.000 and touched KV 0.100, and "
                        "50 MB more per rank\n"));
}

TEST(ModelReport, FilesHoldTheSame) {
  const test::TempDir folder;
  const auto read = [&](const char* name) {
    std::ifstream stream(folder / name);
    return std::string{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  };
  write_json(folder / "r.json", report());
  const auto json = nlohmann::json::parse(read("r.json"), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_DOUBLE_EQ(json["prefill"][0]["tokens_per_s"]["median"], 75.0);
  EXPECT_DOUBLE_EQ(json["decode"][0]["collectives"]["seconds"], 0.1625 - 0.125);
  EXPECT_EQ(json["memory"]["resident"], 1'200'000'000);
  write_plot(folder / "r.svg", report());
  EXPECT_THAT(read("r.svg"),
              testing::AllOf(testing::HasSubstr("a&lt;b&amp;c"), testing::HasSubstr("60 %, 66.7 tokens/s")));
}

}  // namespace
}  // namespace ttx::bench
