// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ttx {

/// "0,1,5": numbers of 0 to 63, each once, spaces around them allowed. Throws Error(kMesh) naming `variable`
/// otherwise.
std::vector<int> parse_device_list(std::string_view text, std::string_view variable);

/// Which chip plays each position of a line.
struct VisibleDevices {
  std::vector<int> chips;  ///< in line order
  bool by_card = false;    ///< the list had PCIe ids, each standing for two chips
};

/// The first `wanted` chips of `list`, in its order, when it is long enough. A list of at least half as many
/// entries has the PCIe ids of n300 cards: each stands for its own chip and then the other one of its card,
/// chip i and chip i + 4, as in a T3000 (PCIe ids 0 to 3); in a system of two devices id 0 stands for chips 0
/// and 1, as in a single n300. Only systems of two to eight devices are made of such cards. Throws
/// Error(kMesh) naming `variable` when the list is too short, or no list of such ids.
VisibleDevices visible_devices(const std::vector<int>& list, int wanted, int system_devices,
                               std::string_view variable);

/// One chip of the list. Throws Error(kMesh) when the list has no such place.
int visible_device(const std::vector<int>& list, int device_id, std::string_view variable);

}  // namespace ttx
