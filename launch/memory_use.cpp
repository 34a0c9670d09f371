// SPDX-License-Identifier: Apache-2.0
#include "launch/memory_use.hpp"

#include <fstream>
#include <span>
#include <string>

namespace ttx::launch {

namespace {

/// "Pss: 123 kB" of /proc/self/smaps_rollup.
std::int64_t proportional_share() {
  std::ifstream file("/proc/self/smaps_rollup");
  for (std::string word; file >> word;) {
    if (std::int64_t kilobytes = 0; word == "Pss:" && file >> kilobytes) {
      return kilobytes * 1024;
    }
  }
  return 0;
}

}  // namespace

std::vector<DeviceMemory> memory_use(MeshDevice& mesh) {
  // Everyone is still here when the first one reads: shares are of the same moment.
  mesh.line().barrier();
  const Ledger& ledger = mesh.ledger();
  const DeviceMemory mine{
      .resident = proportional_share(),
      .weights = ledger.entry(MemoryUse::kWeights).current,
      .kv_cache = ledger.entry(MemoryUse::kKvCache).current,
      .activations = ledger.entry(MemoryUse::kActivations).peak,
  };
  std::vector<DeviceMemory> all(static_cast<std::size_t>(mesh.num_devices()));
  mesh.line().all_gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

}  // namespace ttx::launch
