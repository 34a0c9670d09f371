// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_system.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>

namespace ttx {

MeshSystem MeshSystem::of(MeshShape mesh) {
  MeshSystem system;
  system.devices = mesh.devices();
  system.links = wormhole_profile(mesh.devices()).links;
  system.device_ids.resize(static_cast<std::size_t>(mesh.devices()));
  std::iota(system.device_ids.begin(), system.device_ids.end(), 0);
  return system;
}

DeviceProfile MeshSystem::profile() const {
  DeviceProfile profile = wormhole_profile(devices);
  profile.links = links;
  profile.limits = limits;
  profile.numerics = numerics;
  return profile;
}

MeshSystem share(const ccl::Communicator& world, const MeshSystem& on_root) {
  std::vector<std::int32_t> numbers{on_root.devices, on_root.links, static_cast<std::int32_t>(on_root.limits),
                                    static_cast<std::int32_t>(on_root.numerics)};
  numbers.insert(numbers.end(), on_root.device_ids.begin(), on_root.device_ids.end());
  const std::span<const std::byte> bytes = std::as_bytes(std::span(numbers));
  std::vector<std::byte> buffer(bytes.begin(), bytes.end());
  world.sleeping_broadcast(buffer, 0);
  numbers.resize(buffer.size() / sizeof(std::int32_t));
  std::copy(buffer.begin(), buffer.end(), std::as_writable_bytes(std::span(numbers)).begin());
  return {.devices = numbers[0],
          .links = numbers[1],
          .device_ids = {numbers.begin() + 4, numbers.end()},
          .limits = static_cast<DeviceLimits>(numbers[2]),
          .numerics = static_cast<Numerics>(numbers[3])};
}

}  // namespace ttx
