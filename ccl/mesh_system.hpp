// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "ccl/communicator.hpp"
#include "runtime/device_profile.hpp"
#include "runtime/shard_plan.hpp"

namespace ttx {

/// What the devices of a mesh know of the system they are part of.
struct MeshSystem {
  std::int32_t devices = 1;              ///< of the whole system, at least those of the mesh
  std::int32_t links = 1;                ///< ethernet links between neighbours
  std::vector<std::int32_t> device_ids;  ///< which device of the system plays each position of the line
  DeviceLimits limits =
      DeviceLimits::kIgnored;            ///< whether the devices' ops refuse what the hardware refuses
  Numerics numerics = Numerics::kExact;  ///< the arithmetic of the devices

  /// A system that is the mesh and nothing else, its devices numbered along the line.
  static MeshSystem of(MeshShape mesh);

  /// One of its devices.
  DeviceProfile profile() const;

  friend bool operator==(const MeshSystem&, const MeshSystem&) = default;
};

/// Everyone gets rank 0's; ranks sleep while they wait.
MeshSystem share(const ccl::Communicator& world, const MeshSystem& on_root);

}  // namespace ttx
