// SPDX-License-Identifier: Apache-2.0
#include "runtime/shard_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx {

namespace {

constexpr int kCanonicalDevices = 8;

struct Units {
  std::int64_t size = 0;
  std::int64_t count = 0;
};

Units units_of(std::int64_t extent) {
  const std::int64_t size = extent >= 256 ? 32 : extent >= 128 ? 16 : 2;
  return {size, (extent + size - 1) / size};
}

/// Where piece i of n begins; i == n gives the extent.
std::int64_t edge(std::int64_t extent, Units units, std::int64_t i, std::int64_t n) {
  return std::min(extent, i * units.count / n * units.size);
}

}  // namespace

std::string MeshShape::to_string() const { return fmt::format("({}, {})", rows, cols); }

ShardPlan::ShardPlan(int devices) : devices_(devices) {
  TTX_CHECK_AS(devices >= 1 && devices <= 64, ExitCode::kMesh, "mesh", "devices: got {}, expected 1 to 64",
               devices);
}

Range ShardPlan::piece(std::int64_t extent, int device, const std::string& what) const {
  TTX_CHECK_AS(device >= 0 && device < devices_, ExitCode::kMesh, "mesh",
               "{}: device {} is not on a line of {} devices", what, device, devices_);
  const Units units = units_of(extent);
  TTX_CHECK_AS(units.count >= devices_, ExitCode::kMesh, "mesh",
               "{} of size {} cannot be cut over {} devices: got {} units of {}, expected at least one per "
               "device; run on at most {} devices",
               what, extent, devices_, units.count, units.size, units.count);
  return {edge(extent, units, device, devices_), edge(extent, units, device + 1, devices_)};
}

SumBlocks ShardPlan::sum_blocks(std::int64_t extent, int device, const std::string& what) const {
  const Range mine = piece(extent, device, what);
  SumBlocks blocks;
  if (kCanonicalDevices % devices_ != 0) {
    blocks.end[0] = mine.size();
    return blocks;
  }
  const Units units = units_of(extent);
  blocks.count = kCanonicalDevices / devices_;
  for (int i = 0; i < blocks.count; ++i) {
    blocks.end[static_cast<std::size_t>(i)] =
        edge(extent, units, device * blocks.count + i + 1, kCanonicalDevices) - mine.begin;
  }
  return blocks;
}

}  // namespace ttx
