// SPDX-License-Identifier: Apache-2.0
#include "runtime/memory_config.hpp"

#include <fmt/format.h>

#include "runtime/error.hpp"

namespace ttx {

MemoryConfig create_sharded_memory_config(const Shape& shape, CoreGrid grid, ShardStrategy strategy) {
  constexpr const char* kOp = "create_sharded_memory_config";
  TTX_CHECK(strategy == ShardStrategy::HEIGHT, kOp, "strategy: got {}, expected HEIGHT",
            static_cast<int>(strategy));
  TTX_CHECK(grid.x >= 1 && grid.y >= 1, kOp,
            "Invalid sharding core_grid: got {} x {}, expected at least one core each way", grid.x, grid.y);
  TTX_CHECK(shape.rank() >= 1 && shape.volume() > 0, kOp, "shape: got {}, expected sizes above zero",
            shape.to_string());
  const std::int64_t width = shape[-1];
  const std::int64_t rows = shape.volume() / width;
  TTX_CHECK(
      rows % grid.cores() == 0, kOp,
      "Invalid sharding core_grid: got {} rows of {} over {} x {} cores, which does not divide; take a grid "
      "whose number of cores divides the rows",
      rows, shape.to_string(), grid.x, grid.y);
  return {TensorMemoryLayout::HEIGHT_SHARDED, BufferType::L1, ShardSpec{grid, rows / grid.cores(), width}};
}

CoreGrid core_grid_of(std::int64_t parts, CoreGrid most) {
  for (int x = most.x; x >= 1 && parts >= 1; --x) {
    if (parts % x == 0 && parts / x <= most.y) {
      return {x, static_cast<int>(parts / x)};
    }
  }
  TTX_FAIL("core_grid_of",
           "no grid of exactly {} cores lies within {} x {}; cut the tensor into another number of parts",
           parts, most.x, most.y);
}

std::string to_string(const MemoryConfig& config) {
  const char* const buffer = config.buffer_type == BufferType::DRAM ? "DRAM" : "L1";
  if (!config.shard_spec) {
    return fmt::format("INTERLEAVED {}", buffer);
  }
  const ShardSpec& spec = *config.shard_spec;
  return fmt::format("HEIGHT_SHARDED {}, {} x {} cores of [{}, {}]", buffer, spec.grid.x, spec.grid.y,
                     spec.height, spec.width);
}

}  // namespace ttx
