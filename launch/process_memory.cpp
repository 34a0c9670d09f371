// SPDX-License-Identifier: Apache-2.0
#include "launch/process_memory.hpp"

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "runtime/held_memory.hpp"

namespace ttx::launch {

namespace {

/// The file of a mapping's first line, "55d0-55d4 r--p 0000 fe:00 1234   /usr/lib/x.so"; nullopt-like empty
/// text for memory without one.
std::string file_of(const std::string& line) {
  std::istringstream words(line);
  std::string skipped;
  for (int i = 0; i < 5; ++i) {
    words >> skipped;
  }
  std::string file;
  std::getline(words >> std::ws, file);
  return file.starts_with('/') ? file : std::string();
}

bool begins_mapping(const std::string& line) {
  const std::size_t dash = line.find('-');
  return dash != std::string::npos && dash > 0 &&
         line.substr(0, dash).find_first_not_of("0123456789abcdef") == std::string::npos;
}

std::int64_t& part_of(ProcessMemory& memory, std::string_view file) {
  const auto has = [&](std::string_view text) { return file.find(text) != std::string_view::npos; };
  if (file.empty()) {
    return memory.heap;
  }
  if (has(".panels")) {
    return memory.weights;
  }
  if (has(".safetensors")) {
    return memory.checkpoint;
  }
  // What Open MPI shares between processes, and anonymous memory that is shared.
  const bool shared = file.starts_with("/dev/shm/") || has("/osc_sm.") || has("/osc_rdma.") ||
                      has("vader_segment.") || has("/shared_mem") || file.starts_with("/dev/zero");
  return shared ? memory.window : memory.libraries;
}

}  // namespace

ProcessMemory memory_of_mappings(std::istream& smaps) {
  ProcessMemory memory;
  std::int64_t* part = &memory.heap;
  constexpr std::string_view kShare = "Pss:";
  for (std::string line; std::getline(smaps, line);) {
    if (begins_mapping(line)) {
      part = &part_of(memory, file_of(line));
    } else if (line.starts_with(kShare)) {
      std::int64_t kilobytes = 0;
      std::istringstream(line.substr(kShare.size())) >> kilobytes;
      *part += kilobytes * 1024;
    }
  }
  return memory;
}

ProcessMemory process_memory() {
  std::ifstream smaps("/proc/self/smaps");
  ProcessMemory memory = memory_of_mappings(smaps);
  const auto move_from_heap = [&](std::int64_t& part, MemoryUse use) {
    const std::int64_t bytes = held_memory::resident(use);
    part += bytes;
    memory.heap -= bytes;
  };
  move_from_heap(memory.weights, MemoryUse::kWeights);
  move_from_heap(memory.tables, MemoryUse::kTables);
  move_from_heap(memory.kv_cache, MemoryUse::kKvCache);
  move_from_heap(memory.activations, MemoryUse::kActivations);
  return memory;
}

}  // namespace ttx::launch
