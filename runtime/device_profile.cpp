// SPDX-License-Identifier: Apache-2.0
#include "runtime/device_profile.hpp"

#include "runtime/error.hpp"

namespace ttx {

namespace {
// Wormhole: 12 banks of 1 GiB GDDR6 per chip; 8 x 8 worker cores when dispatch runs on ethernet cores.
constexpr std::int64_t kDramBytes = std::int64_t{12} << 30;
}  // namespace

std::string_view to_string(Numerics numerics) { return numerics == Numerics::kExact ? "exact" : "device"; }

DeviceProfile wormhole_profile(int devices) {
  TTX_CHECK(devices >= 1, "device_profile", "number of devices: got {}, expected at least 1", devices);
  DeviceProfile profile;
  if (devices == 1) {
    profile.name = "n150";
  } else if (devices == 2) {
    profile.name = "n300 chip";
  } else {
    profile.name = devices <= 8 ? "T3000 chip" : "Galaxy chip";
  }
  profile.arch = "WORMHOLE_B0";
  if (devices > 1) {
    profile.links = devices <= 8 ? 2 : 4;
  }
  profile.core_grid_x = 8;
  profile.core_grid_y = 8;
  profile.dram_bytes = kDramBytes;
  return profile;
}

}  // namespace ttx
