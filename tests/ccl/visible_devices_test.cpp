// SPDX-License-Identifier: Apache-2.0
#include "ccl/visible_devices.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/expect_error.hpp"

namespace ttx {
namespace {

using testing::ElementsAre;

constexpr const char* kVariable = "TT_VISIBLE_DEVICES";

TEST(VisibleDevices, Lists) {
  EXPECT_THAT(parse_device_list("0", kVariable), ElementsAre(0));
  EXPECT_THAT(parse_device_list("3,1,63", kVariable), ElementsAre(3, 1, 63));
  EXPECT_THAT(parse_device_list(" 0 ,\t2 ", kVariable), ElementsAre(0, 2));
}

TEST(VisibleDevices, WhatIsNoList) {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"", "got \"\""},       {",", "got \"\""},
      {"0,", "got \"\""},     {"0,,1", "got \"\""},
      {"-1", "got \"-1\""},   {"0,-2", "got \"-2\""},
      {"a", "got \"a\""},     {"0;1", "got \"0;1\""},
      {"1.5", "got \"1.5\""}, {"64", "got \"64\""},
      {"+1", "got \"+1\""},   {"0 1", "got \"0 1\""},
      {"0x1", "got \"0x1\""}, {"99999999999999999999", "got \"99999999999999999999\""},
      {"all", "got \"all\""}, {"\x1b[31m", "got \"\\x1b[31m\""}};
  for (const auto& one : cases) {
    const std::string& text = one.first;
    const std::string& piece = one.second;
    test::expect_error(ExitCode::kMesh,
                       {"[devices] TT_VISIBLE_DEVICES=", piece, "expected device ids of 0 to 63"},
                       [&] { parse_device_list(text, kVariable); });
  }
  test::expect_error(ExitCode::kMesh, {"TT_VISIBLE_DEVICES=2,0,2: got device 2 twice"},
                     [] { parse_device_list("2,0,2", kVariable); });
}

TEST(VisibleDevices, ChipNumbersInLineOrder) {
  const VisibleDevices ring = visible_devices({0, 4, 5, 1, 3, 7, 6, 2}, 8, 8, kVariable);
  EXPECT_THAT(ring.chips, ElementsAre(0, 4, 5, 1, 3, 7, 6, 2));
  EXPECT_FALSE(ring.by_card);
  EXPECT_THAT(visible_devices({5, 6, 7}, 2, 8, kVariable).chips, ElementsAre(5, 6));
  EXPECT_THAT(visible_devices({31, 30}, 2, 32, kVariable).chips, ElementsAre(31, 30));
}

TEST(VisibleDevices, PcieIdsBringTheOtherChipOfTheCard) {
  const VisibleDevices t3k = visible_devices({0, 1, 2, 3}, 8, 8, kVariable);
  EXPECT_THAT(t3k.chips, ElementsAre(0, 4, 1, 5, 2, 6, 3, 7));
  EXPECT_TRUE(t3k.by_card);
  EXPECT_THAT(visible_devices({3, 2, 1, 0}, 8, 8, kVariable).chips, ElementsAre(3, 7, 2, 6, 1, 5, 0, 4));
  EXPECT_THAT(visible_devices({2}, 2, 8, kVariable).chips, ElementsAre(2, 6));
  EXPECT_THAT(visible_devices({1, 3}, 3, 8, kVariable).chips, ElementsAre(1, 5, 3));
  // A single n300, and a card of a T3000 that is described as one.
  EXPECT_THAT(visible_devices({0}, 2, 2, kVariable).chips, ElementsAre(0, 1));
  EXPECT_THAT(visible_devices({2}, 2, 2, kVariable).chips, ElementsAre(2, 6));
}

TEST(VisibleDevices, TooFew) {
  test::expect_error(
      ExitCode::kMesh,
      {"TT_VISIBLE_DEVICES=0,1: got 2 devices, expected the 8 of the mesh or the PCIe ids of 4 "
       "n300 cards"},
      [] {
        visible_devices({0, 1}, 8, 8, kVariable);
      });
  // The chips of a Galaxy all have PCIe.
  test::expect_error(ExitCode::kMesh, {"got 4 devices, expected the 8 of the mesh; list them"}, [] {
    visible_devices({0, 1, 2, 3}, 8, 32, kVariable);
  });
  test::expect_error(
      ExitCode::kMesh,
      {"TT_VISIBLE_DEVICES=0,1,2,5: got 4 ids for 8 devices", "expected 0 to 3, got 5", "list all 8 devices"},
      [] {
        visible_devices({0, 1, 2, 5}, 8, 8, kVariable);
      });
}

TEST(VisibleDevices, OneOfThem) {
  EXPECT_EQ(visible_device({4, 7}, 1, kVariable), 7);
  for (const int id : {2, -1}) {
    test::expect_error(
        ExitCode::kMesh,
        {"--device_id " + std::to_string(id) + ": TT_VISIBLE_DEVICES=4,7 shows 2 devices, expected 0 to 1"},
        [&] {
          visible_device({4, 7}, id, kVariable);
        });
  }
}

}  // namespace
}  // namespace ttx
