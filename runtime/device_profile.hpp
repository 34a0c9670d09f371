// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ttx {

/// Whether ops refuse what the hardware refuses, or do all that is mathematically possible.
enum class DeviceLimits { kIgnored, kHold };

/// What an op's arithmetic is: fp32 inside and rounded once, the same bits on every mesh; or what the
/// hardware's matrix and vector units would do, as far as that is known (runtime/device_numerics).
enum class Numerics { kExact, kDevice };
/// "exact", "device": the spelling in logs, JSON and --numerics.
std::string_view to_string(Numerics numerics);

/// One chip as the ops see it.
struct DeviceProfile {
  std::string name;     ///< "n150", "n300 chip", "T3000 chip", "Galaxy chip"
  std::string arch;     ///< "WORMHOLE_B0"
  int core_grid_x = 8;  ///< compute grid that bring-ups see as mesh.core_grid
  int core_grid_y = 8;
  std::int64_t dram_bytes = 0;  ///< 12 banks of 1 GiB
  int rotary_width = 64;        ///< of which a rotary embedding's width is a multiple
  DeviceLimits limits = DeviceLimits::kIgnored;
  Numerics numerics = Numerics::kExact;
  int links = 1;  ///< ethernet links to each neighbour: the most that a collective may use
};

/// A chip of a Wormhole system of that many: 1 is an n150, 2 are the chips of an n300, up to 8 those of a
/// T3000, more those of Galaxies.
DeviceProfile wormhole_profile(int devices);

}  // namespace ttx
