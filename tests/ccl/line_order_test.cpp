// SPDX-License-Identifier: Apache-2.0
#include "ccl/line_order.hpp"

#include <gtest/gtest.h>

namespace ttx::ccl {
namespace {

using Hosts = std::vector<std::string>;
using Order = std::vector<int>;

TEST(LineOrder, OnOneHostIsTheWorld) {
  EXPECT_EQ(line_order(Hosts(4, "a")), (Order{0, 1, 2, 3}));
  EXPECT_EQ(line_order(Hosts{"a"}), Order{0});
}

TEST(LineOrder, KeepsRanksOfAHostTogether) {
  EXPECT_EQ(line_order(Hosts{"a", "b", "a", "b"}), (Order{0, 2, 1, 3}));
  EXPECT_EQ(line_order(Hosts{"a", "a", "b", "b"}), (Order{0, 1, 2, 3}));
  EXPECT_EQ(line_order(Hosts{"a", "b", "c", "c", "b", "a", "b"}), (Order{0, 5, 1, 4, 6, 2, 3}));
}

TEST(LineOrder, HostsComeAsTheyAppearNotByName) {
  EXPECT_EQ(line_order(Hosts{"z", "a", "z", "m", "a"}), (Order{0, 2, 1, 4, 3}));
}

TEST(LineOrder, CountsAndDescribesHosts) {
  const Hosts hosts{"one", "two", "one"};
  EXPECT_EQ(count_hosts(hosts), 2);
  EXPECT_EQ(count_hosts(Hosts(3, "one")), 1);
  EXPECT_EQ(describe_line(hosts), "host one: ranks 0 2, host two: ranks 1");
}

}  // namespace
}  // namespace ttx::ccl
