// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/shape.hpp"

namespace ttx {

/// How a tensor is dealt over the memories of one device. Here it moves no byte and changes no number: it is
/// what ops check where the hardware does, and what model texts written for TTNN say.
enum class TensorMemoryLayout {
  INTERLEAVED,     ///< tiles in turn over all banks
  HEIGHT_SHARDED,  ///< each core holds whole rows of the matrix that all dims but the last fold into
};
enum class BufferType { DRAM, L1 };

/// Cores (0, 0) to (x - 1, y - 1).
struct CoreGrid {
  int x = 1;
  int y = 1;
  std::int64_t cores() const { return std::int64_t{x} * y; }
  friend bool operator==(const CoreGrid&, const CoreGrid&) = default;
};

/// Rows and columns of the matrix that one core holds; cores in row-major order.
struct ShardSpec {
  CoreGrid grid;
  std::int64_t height = 0;
  std::int64_t width = 0;
  friend bool operator==(const ShardSpec&, const ShardSpec&) = default;
};

struct MemoryConfig {
  TensorMemoryLayout memory_layout = TensorMemoryLayout::INTERLEAVED;
  BufferType buffer_type = BufferType::DRAM;
  std::optional<ShardSpec> shard_spec;  ///< of HEIGHT_SHARDED
  bool is_sharded() const { return memory_layout != TensorMemoryLayout::INTERLEAVED; }
  friend bool operator==(const MemoryConfig&, const MemoryConfig&) = default;
};

inline constexpr MemoryConfig DRAM_MEMORY_CONFIG{};
inline constexpr MemoryConfig L1_MEMORY_CONFIG{TensorMemoryLayout::INTERLEAVED, BufferType::L1, std::nullopt};

enum class ShardStrategy { HEIGHT };

/// The rows of `shape` (all dims but the last, folded) in equal parts over the cores of the grid, in L1:
/// TTNN's function of that name. `shape` is the padded one. Throws Error "Invalid sharding core_grid" when
/// the rows do not divide over the cores.
MemoryConfig create_sharded_memory_config(const Shape& shape, CoreGrid grid, ShardStrategy strategy);

/// `parts` cores as a grid within `most`, the widest row that does it: one core per KV head for fill_cache,
/// say. Throws Error when none has exactly that many.
CoreGrid core_grid_of(std::int64_t parts, CoreGrid most);

/// "INTERLEAVED DRAM", "HEIGHT_SHARDED L1, 4 x 2 cores of [64, 128]"
std::string to_string(const MemoryConfig& config);

}  // namespace ttx
