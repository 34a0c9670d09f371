// SPDX-License-Identifier: Apache-2.0
#include "ccl/visible_devices.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

#include <fmt/format.h>

#include "ccl/text_message.hpp"
#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr const char* kOp = "devices";
constexpr int kMaxId = 63;
constexpr int kCardsOfT3000 = 4;
constexpr int kLargestSystemOfCards = 8;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view()
                                         : text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

std::vector<int> parse_device_list(std::string_view text, std::string_view variable) {
  std::vector<int> ids;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const std::string_view entry = trimmed(rest.substr(0, comma));
    int id = -1;
    const auto [end, error] = std::from_chars(entry.data(), entry.data() + entry.size(), id);
    TTX_CHECK_AS(error == std::errc{} && end == entry.data() + entry.size() && id >= 0 && id <= kMaxId,
                 ExitCode::kMesh, kOp,
                 "{}={}: got \"{}\", expected device ids of 0 to {} with commas between, such as 0,1,2,3",
                 variable, ccl::printable(text), ccl::printable(entry), kMaxId);
    TTX_CHECK_AS(std::find(ids.begin(), ids.end(), id) == ids.end(), ExitCode::kMesh, kOp,
                 "{}={}: got device {} twice, expected each once", variable, ccl::printable(text), id);
    ids.push_back(id);
    if (comma == std::string_view::npos) {
      return ids;
    }
    rest.remove_prefix(comma + 1);
  }
}

VisibleDevices visible_devices(const std::vector<int>& list, int wanted, int system_devices,
                               std::string_view variable) {
  const int count = static_cast<int>(list.size());
  if (count >= wanted) {
    return {{list.begin(), list.begin() + wanted}, false};
  }
  const bool of_cards = system_devices > 1 && system_devices <= kLargestSystemOfCards;
  const std::string shown = fmt::format("{}", fmt::join(list, ","));
  TTX_CHECK_AS(of_cards && 2 * count >= wanted, ExitCode::kMesh, kOp,
               "{}={}: got {} device{}, expected the {} of the mesh{}; list them, or unset the variable",
               variable, shown, count, count == 1 ? "" : "s", wanted,
               of_cards ? fmt::format(" or the PCIe ids of {} n300 cards", (wanted + 1) / 2) : "");
  const bool single_card = system_devices == 2 && list.front() == 0;
  VisibleDevices devices{{}, true};
  for (const int id : list) {
    TTX_CHECK_AS(
        id < kCardsOfT3000, ExitCode::kMesh, kOp,
        "{}={}: got {} ids for {} devices, so PCIe ids of n300 cards: expected 0 to {}, got {}; list "
        "all {} devices instead",
        variable, shown, count, wanted, kCardsOfT3000 - 1, id, wanted);
    devices.chips.push_back(id);
    devices.chips.push_back(single_card ? 1 : id + kCardsOfT3000);
  }
  devices.chips.resize(static_cast<std::size_t>(wanted));
  return devices;
}

int visible_device(const std::vector<int>& list, int device_id, std::string_view variable) {
  const int count = static_cast<int>(list.size());
  TTX_CHECK_AS(device_id >= 0 && device_id < count, ExitCode::kMesh, kOp,
               "--device_id {}: {}={} shows {} device{}, expected 0 to {}", device_id, variable,
               fmt::join(list, ","), count, count == 1 ? "" : "s", count - 1);
  return list[static_cast<std::size_t>(device_id)];
}

}  // namespace ttx
