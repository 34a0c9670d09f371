// SPDX-License-Identifier: Apache-2.0
#include "launch/memory_use.hpp"

#include <fstream>
#include <span>
#include <string>
#include <string_view>

namespace ttx::launch {

namespace {

/// A line "key 123 kB" of a file of /proc/self, in bytes; 0 where there is none.
std::int64_t bytes_of(const char* path, std::string_view key) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    if (std::int64_t kilobytes = 0; word == key && file >> kilobytes) {
      return kilobytes * 1024;
    }
  }
  return 0;
}

}  // namespace

std::vector<DeviceMemory> memory_use(MeshDevice& mesh) {
  // Everyone is still here when the first one reads: shares are of the same moment.
  mesh.line().sleeping_max(0);
  const Ledger& ledger = mesh.ledger();
  const DeviceMemory mine{
      .resident = bytes_of("/proc/self/smaps_rollup", "Pss:"),
      .peak = bytes_of("/proc/self/status", "VmHWM:"),
      .weights = ledger.entry(MemoryUse::kWeights).current + ledger.entry(MemoryUse::kTables).current,
      .kv_cache = ledger.entry(MemoryUse::kKvCache).current,
      .activations = ledger.entry(MemoryUse::kActivations).peak,
      .process = process_memory(),
  };
  std::vector<DeviceMemory> all(static_cast<std::size_t>(mesh.num_devices()));
  mesh.line().sleeping_max(0);
  mesh.line().all_gather(std::as_bytes(std::span(&mine, 1)), std::as_writable_bytes(std::span(all)));
  return all;
}

}  // namespace ttx::launch
