// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "launch/synth_tensors.hpp"
#include "runtime/dtype.hpp"

namespace ttx::launch {

struct SynthWeights {
  std::uint64_t seed = 0;
  DataType dtype = DataType::BFLOAT16;
  std::uint64_t shard_bytes = 0;  ///< tensor bytes per file; a tensor that is larger has a file of its own
  int threads = 1;
};

/// Elements of all tensors.
std::uint64_t synth_elements(std::span<const SynthTensor> tensors);

/// The tensors file by file, each list in the order of its file: cut in the given order as the Hugging Face
/// libraries cut, by name within a file.
std::vector<std::vector<SynthTensor>> synth_shards(std::span<const SynthTensor> tensors,
                                                   const SynthWeights& options);

/// Writes `model.safetensors`, or shards and their index when the tensors do not fit one file. The
/// files are on disk when it returns. Shows its progress when stderr is a terminal. Throws Error, and
/// Interrupted (interruption.hpp) when a signal came; half a file may then be there.
void write_synth_weights(const std::filesystem::path& folder, std::span<const SynthTensor> tensors,
                         const SynthWeights& options);

}  // namespace ttx::launch
