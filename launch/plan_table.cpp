// SPDX-License-Identifier: Apache-2.0
#include "launch/plan_table.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

namespace ttx::launch {

namespace {

/// Tensors of several layers that differ in the layer's number alone.
struct Kind {
  std::string name;  // the number replaced by *
  PlannedTensor first;
  std::int64_t count = 0;
  std::int64_t bytes = 0;
};

/// "model.layers.17.mlp.up_proj.weight" -> "model.layers.*.mlp.up_proj.weight"
std::string without_layer(const std::string& name) {
  constexpr std::string_view kLayers = "layers.";
  const std::size_t at = name.find(kLayers);
  if (at == std::string::npos) {
    return name;
  }
  const std::size_t begin = at + kLayers.size();
  const auto end = std::find_if(name.begin() + static_cast<std::ptrdiff_t>(begin), name.end(),
                                [](unsigned char c) { return std::isdigit(c) == 0; });
  return name.substr(0, begin) + "*" + std::string(end, name.end());
}

bool same_kind(const Kind& kind, const std::string& name, const PlannedTensor& tensor) {
  return kind.name == name && kind.first.shape == tensor.shape && kind.first.dtype == tensor.dtype &&
         kind.first.placement == tensor.placement;
}

std::vector<Kind> kinds_of(const std::vector<PlannedTensor>& tensors) {
  std::vector<Kind> kinds;
  for (const PlannedTensor& tensor : tensors) {
    const std::string name = without_layer(tensor.name);
    auto kind = std::find_if(kinds.begin(), kinds.end(),
                             [&](const Kind& known) { return same_kind(known, name, tensor); });
    if (kind == kinds.end()) {
      kind = kinds.insert(kinds.end(), Kind{name, tensor, 0, 0});
    }
    ++kind->count;
    kind->bytes += tensor.bytes;
  }
  return kinds;
}

}  // namespace

std::int64_t planned_bytes(const std::vector<PlannedTensor>& tensors, std::optional<MemoryUse> use) {
  std::int64_t bytes = 0;
  for (const PlannedTensor& tensor : tensors) {
    bytes += !use || tensor.use == *use ? tensor.bytes : 0;
  }
  return bytes;
}

std::string bytes_text(std::int64_t bytes) {
  constexpr std::int64_t kMega = 1'000'000;
  if (bytes < kMega) {
    return fmt::format("{} B", bytes);
  }
  return bytes < 1000 * kMega ? fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6)
                              : fmt::format("{:.3f} GB", static_cast<double>(bytes) / 1e9);
}

std::string tensor_table(const std::vector<PlannedTensor>& tensors) {
  const std::vector<Kind> kinds = kinds_of(tensors);
  std::size_t width = std::string_view("tensor").size();
  for (const Kind& kind : kinds) {
    width = std::max(width, kind.name.size());
  }
  std::string text = fmt::format("{:<{}}  {:>5}  {:<24} {:<10} {:<17} {:>10}\n", "tensor", width, "times",
                                 "shape on the device", "dtype", "placement", "together");
  for (const Kind& kind : kinds) {
    text += fmt::format("{:<{}}  {:>5}  {:<24} {:<10} {:<17} {:>10}\n", kind.name, width, kind.count,
                        kind.first.shape.to_string(), to_string(kind.first.dtype),
                        kind.first.placement.to_string(), bytes_text(kind.bytes));
  }
  return text;
}

std::string device_table(const std::vector<ModelPlan>& devices, std::int64_t dram_bytes) {
  std::string text = fmt::format("{:<8}  {:>10}  {:>10}  {:>10}  {:>7}\n", "device", "weights", "KV cache",
                                 "together", "of DRAM");
  const auto held = [&](std::size_t device, MemoryUse use) {
    return planned_bytes(devices[device].tensors, use);
  };
  for (std::size_t first = 0; first < devices.size();) {
    const std::int64_t weights = held(first, MemoryUse::kWeights);
    const std::int64_t cache = held(first, MemoryUse::kKvCache);
    std::size_t last = first;
    while (last + 1 < devices.size() && held(last + 1, MemoryUse::kWeights) == weights &&
           held(last + 1, MemoryUse::kKvCache) == cache) {
      ++last;
    }
    const std::string who = first == last ? std::to_string(first) : fmt::format("{} to {}", first, last);
    text += fmt::format("{:<8}  {:>10}  {:>10}  {:>10}  {:>6.1f}%\n", who, bytes_text(weights),
                        bytes_text(cache), bytes_text(weights + cache),
                        100.0 * static_cast<double>(weights + cache) / static_cast<double>(dram_bytes));
    first = last + 1;
  }
  return text;
}

}  // namespace ttx::launch
