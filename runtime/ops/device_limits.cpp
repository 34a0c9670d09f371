// SPDX-License-Identifier: Apache-2.0
#include "runtime/ops/device_limits.hpp"

#include "runtime/error.hpp"

namespace ttx::ops {

namespace {

constexpr std::int64_t kDecodeHeads = 32;
constexpr double kGiB = 1024.0 * 1024.0 * 1024.0;

bool holds(const Device& device) { return device.profile().limits == DeviceLimits::kHold; }

std::int64_t cores_of(const DeviceProfile& profile) {
  return std::int64_t{profile.core_grid_x} * profile.core_grid_y;
}

}  // namespace

void check_core_grid(const Tensor& x, CoreGrid grid, const char* op) {
  const DeviceProfile& profile = x.device().profile();
  TTX_CHECK(!holds(x.device()) || (grid.x <= profile.core_grid_x && grid.y <= profile.core_grid_y), op,
            "core grid: got {} x {} cores, expected at most the {} x {} of one {}; take a smaller grid",
            grid.x, grid.y, profile.core_grid_x, profile.core_grid_y, profile.name);
}

void check_fill_cache(const Tensor& input) {
  constexpr const char* kOp = "fill_cache";
  if (!holds(input.device())) {
    return;
  }
  const std::int64_t heads = input.shape()[1];
  const std::int64_t rows = input.padded_shape()[2];
  if (const auto& spec = input.memory_config().shard_spec) {
    TTX_CHECK_AS(
        rows % spec->height == 0, ExitCode::kLength, kOp,
        "Seq len must be divisible by shard height: got {} positions of {} heads in parts of {} rows; shard "
        "over a grid whose cores the {} heads divide over evenly, such as one core per head",
        rows, heads, spec->height, heads);
    return;
  }
  const DeviceProfile& profile = input.device().profile();
  const std::int64_t cores = cores_of(profile);
  const std::int64_t blocks = heads * rows / kTile;
  TTX_CHECK_AS(
      heads == 1 || blocks <= cores, ExitCode::kLength, kOp,
      "Number of work blocks ({}) must be <= total grid size ({}): got {} KV heads of {} positions, "
      "interleaved, expected at most {} positions; shard the input by height (interleaved_to_sharded, one "
      "core "
      "per head), feed the prompt token by token (--prefill_decode), or take a larger mesh, on which a "
      "device has fewer heads",
      blocks, cores, heads, rows, cores / heads * kTile);
}

void check_rotary_width(const Tensor& x) {
  const std::int64_t unit = x.device().profile().rotary_width;
  const std::int64_t width = x.padded_shape()[-1];
  TTX_CHECK(!holds(x.device()) || width % unit == 0, "rotary_embedding",
            "Input X dimension ({}) must be divisible by {} for tiling: got {}; pad each half of the heads "
            "with zeros "
            "(padded_rope_tables)",
            width, unit, x.describe());
}

void check_decode_heads(const Tensor& x, std::int64_t num_heads, const char* op) {
  TTX_CHECK(!holds(x.device()) || num_heads <= kDecodeHeads, op,
            "query heads of a decode step: got {} on this device, expected at most {}; take a larger mesh, "
            "on which a "
            "device has fewer heads",
            num_heads, kDecodeHeads);
}

void check_decode_cache(const Tensor& cache) {
  const std::int64_t length = cache.shape()[2];
  TTX_CHECK_AS(
      !holds(cache.device()) || length % kTile == 0, ExitCode::kLength, "scaled_dot_product_attention_decode",
      "cache length: got {}, which no chunk of keys, a power of two of at least {}, divides; make the "
      "cache a multiple of {} long (--max_seq_len, or the cap of the cache)",
      length, kTile, kTile);
}

void check_dram(const Device& device, MemoryUse use, std::int64_t bytes) {
  const auto gib = [](std::int64_t count) { return static_cast<double>(count) / kGiB; };
  const auto held = [&](MemoryUse of) { return gib(device.ledger().entry(of).current); };
  const DeviceProfile& profile = device.profile();
  TTX_CHECK(
      !holds(device) || device.ledger().total().current + bytes <= profile.dram_bytes, "dram",
      "does not fit into one {}: got weights {:.2f} GiB, kv_cache {:.2f} GiB, activations {:.2f} GiB and "
      "{:.2f} "
      "GiB of {} more, expected at most {:.2f} GiB; take a larger mesh, bfloat8_b weights, or a shorter "
      "cache (--max_seq_len, or the cap of the cache)",
      profile.name, held(MemoryUse::kWeights) + held(MemoryUse::kTables), held(MemoryUse::kKvCache),
      held(MemoryUse::kActivations), gib(bytes), to_string(use), gib(profile.dram_bytes));
}

}  // namespace ttx::ops
