// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "launch/synth_tensors.hpp"
#include "runtime/dtype.hpp"

namespace ttx::launch {

struct SynthWeights {
  std::uint64_t seed = 0;
  DataType dtype = DataType::BFLOAT16;
  std::uint64_t shard_bytes = 0;  ///< tensor bytes per file; a tensor that is larger has a file of its own
  int threads = 1;
};

/// Bytes of all tensors.
std::uint64_t synth_bytes(std::span<const SynthTensor> tensors, DataType dtype);

/// Writes `model.safetensors`, or shards and their index when the tensors do not fit one file. Each file
/// appears whole or not at all. Shows its progress when stderr is a terminal. Returns the number of weight
/// files. Throws Error.
std::size_t write_synth_weights(const std::filesystem::path& folder, std::span<const SynthTensor> tensors,
                                const SynthWeights& options);

}  // namespace ttx::launch
