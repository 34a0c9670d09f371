// SPDX-License-Identifier: Apache-2.0
#include "runtime/error.hpp"
#include "runtime/ops.hpp"
#include "runtime/ops/device_limits.hpp"

namespace ttx {

namespace {

/// Whether the parts that `config` speaks of make up x.
void check_parts(const Tensor& x, const MemoryConfig& config, const char* op) {
  TTX_CHECK(
      config.is_sharded() == config.shard_spec.has_value(), op,
      "memory config: got {} a shard spec, expected one of a sharded tensor and none of an interleaved one; "
      "use create_sharded_memory_config",
      config.shard_spec ? "INTERLEAVED with" : "HEIGHT_SHARDED without");
  if (!config.shard_spec) {
    return;
  }
  const ShardSpec& spec = *config.shard_spec;
  const Shape held = x.padded_shape();
  const std::int64_t width = held.rank() == 0 ? 1 : held[-1];
  const std::int64_t rows = width == 0 ? 0 : held.volume() / width;
  TTX_CHECK(spec.width == width && spec.height * spec.grid.cores() == rows, op,
            "memory config: got {} for {}, expected parts of {} rows of {}; make it from padded_shape()",
            to_string(config), x.describe(), rows, width);
  TTX_CHECK(x.layout() != Layout::TILE || spec.height % kTile == 0, op,
            "memory config: got {}, expected whole tiles, parts of a multiple of {} rows; take fewer cores",
            to_string(config), kTile);
  ops::check_core_grid(x, spec.grid, op);
}

Tensor moved(const Tensor& x, const MemoryConfig& config, const char* op) {
  TTX_CHECK(!x.empty() && x.format() == Format::kRows, op, "x: got {}, expected rows", x.describe());
  check_parts(x, config, op);
  return x.held_as(config);
}

}  // namespace

Tensor to_memory_config(const Tensor& x, const MemoryConfig& config) {
  return moved(x, config, "to_memory_config");
}

Tensor interleaved_to_sharded(const Tensor& x, const MemoryConfig& config) {
  constexpr const char* kOp = "interleaved_to_sharded";
  TTX_CHECK(!x.memory_config().is_sharded() && config.is_sharded(), kOp,
            "got {} to {}, expected INTERLEAVED to sharded; to_memory_config does any",
            to_string(x.memory_config()), to_string(config));
  return moved(x, config, kOp);
}

Tensor sharded_to_interleaved(const Tensor& x, const MemoryConfig& config) {
  constexpr const char* kOp = "sharded_to_interleaved";
  TTX_CHECK(x.memory_config().is_sharded() && !config.is_sharded(), kOp,
            "got {} to {}, expected sharded to INTERLEAVED; to_memory_config does any",
            to_string(x.memory_config()), to_string(config));
  return moved(x, config, kOp);
}

}  // namespace ttx
