// SPDX-License-Identifier: Apache-2.0
#include "launch/memory_table.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace ttx::launch {

namespace {

struct Column {
  std::string_view name;
  std::int64_t (*of)(const DeviceMemory&);
};

constexpr std::array kColumns{
    Column{"weights", [](const DeviceMemory& d) { return d.process.weights; }},
    Column{"KV cache", [](const DeviceMemory& d) { return d.process.kv_cache; }},
    Column{"activations", [](const DeviceMemory& d) { return d.process.activations; }},
    Column{"rotary", [](const DeviceMemory& d) { return d.process.tables; }},
    Column{"checkpoint", [](const DeviceMemory& d) { return d.process.checkpoint; }},
    Column{"MPI window", [](const DeviceMemory& d) { return d.process.window; }},
    Column{"libraries", [](const DeviceMemory& d) { return d.process.libraries; }},
    Column{"heap", [](const DeviceMemory& d) { return d.process.heap; }},
    Column{"sum", [](const DeviceMemory& d) { return d.process.sum(); }},
    Column{"kernel says", [](const DeviceMemory& d) { return d.resident; }},
};

std::string row(std::string_view device, const std::array<std::string, kColumns.size()>& cells) {
  std::string text = fmt::format("{:<6}", device);
  for (const std::string& cell : cells) {
    text += fmt::format("  {:>11}", cell);
  }
  return text + "\n";
}

}  // namespace

std::string memory_table(const std::vector<DeviceMemory>& devices) {
  std::array<std::string, kColumns.size()> cells;
  std::array<std::int64_t, kColumns.size()> sums{};
  const auto megabytes = [](std::int64_t bytes) {
    return fmt::format("{:.2f}", static_cast<double>(bytes) / 1e6);
  };
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    cells[i] = kColumns[i].name;
  }
  std::string text =
      "Memory of every device, MB, pages that n processes share counted 1/n:\n" + row("device", cells);
  for (std::size_t device = 0; device < devices.size(); ++device) {
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      const std::int64_t bytes = kColumns[i].of(devices[device]);
      cells[i] = megabytes(bytes);
      sums[i] += bytes;
    }
    text += row(std::to_string(device), cells);
  }
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    cells[i] = megabytes(sums[i]);
  }
  text += row("all", cells);
  text.pop_back();  // who prints it ends the line
  return text;
}

}  // namespace ttx::launch
