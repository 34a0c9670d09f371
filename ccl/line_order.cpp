// SPDX-License-Identifier: Apache-2.0
#include "ccl/line_order.hpp"

#include <algorithm>
#include <numeric>
#include <set>

#include <fmt/format.h>

namespace ttx::ccl {

std::vector<int> line_order(std::span<const std::string> hosts) {
  std::vector<std::ptrdiff_t> first(hosts.size());
  std::ranges::transform(hosts, first.begin(), [&](const std::string& host) {
    return std::ranges::find(hosts, host) - hosts.begin();
  });
  std::vector<int> order(hosts.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int rank) { return first[static_cast<std::size_t>(rank)]; });
  return order;
}

int count_hosts(std::span<const std::string> hosts) {
  return static_cast<int>(std::set<std::string>(hosts.begin(), hosts.end()).size());
}

std::string describe_line(std::span<const std::string> hosts) {
  std::string text;
  const std::string* previous = nullptr;
  for (const int rank : line_order(hosts)) {
    const std::string& host = hosts[static_cast<std::size_t>(rank)];
    if (previous == nullptr || *previous != host) {
      text += fmt::format("{}host {}: ranks", previous == nullptr ? "" : ", ", host);
    }
    text += fmt::format(" {}", rank);
    previous = &host;
  }
  return text;
}

}  // namespace ttx::ccl
