// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_profile.hpp"

#include "runtime/error.hpp"

namespace ttx {

namespace {
// Wormhole: 12 banks of 1 GiB GDDR6 per chip; 8 x 8 worker cores when dispatch runs on ethernet cores.
constexpr std::int64_t kDramBytes = std::int64_t{12} << 30;
}  // namespace

DeviceProfile wormhole_profile(int devices) {
  TTX_CHECK(devices >= 1, "device_profile", "number of devices: got {}, expected at least 1", devices);
  DeviceProfile profile;
  profile.name = devices == 1 ? "n150" : devices == 2 ? "n300 chip" : "T3000 chip";
  profile.core_grid_x = 8;
  profile.core_grid_y = 8;
  profile.dram_bytes = kDramBytes;
  return profile;
}

}  // namespace ttx
