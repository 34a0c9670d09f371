// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ccl/mesh_device.hpp"
#include "models/common/weights.hpp"
#include "models/hf/checkpoint.hpp"
#include "runtime/cache_folder.hpp"
#include "runtime/packed_file.hpp"
#include "runtime/packed_folder.hpp"

namespace ttx {

/// Whether and where packed weights are kept.
struct PackedOptions {
  std::filesystem::path folder = cache_folder();
  std::uint64_t limit = 0;  ///< bytes of all packed files, see PackedFolder; 0 keeps none
  /// Fewer bytes of block floats are packed faster than a file is worth.
  std::uint64_t least_bytes = std::uint64_t{64} << 20;
};

/// A model's weights of block floats as a file that starts later runs: `folder`/weights/NAME.panels, NAME
/// made of the checkpoint's fingerprint and a digest of names, sizes and dtypes. One file serves every mesh.
///
/// The first run makes it: the ranks of a host pack it together, each byte of the checkpoint is read once,
/// and use it from then on; it gets its name in the background. Nothing that is wrong with the folder or the
/// file is an error: a damaged file is made again, and where none can be made, weights are packed in memory;
/// either is one warning from one rank of the host.
class PackedWeights {
 public:
  PackedWeights() = default;
  /// For the tensors that `planned` lists, the same on every rank but for the shards, of the checkpoint of
  /// that fingerprint. Collective over the mesh's line. `packed` is told of checkpoint bytes that are packed,
  /// on the caller's thread.
  PackedWeights(const hf::Checkpoint& checkpoint, const std::string& fingerprint, MeshDevice& mesh,
                const std::vector<PlannedTensor>& planned, const PackedOptions& options,
                const std::function<void(std::int64_t bytes)>& packed);
  /// Waits until a file that this process made has its name.
  ~PackedWeights();
  PackedWeights(PackedWeights&&) = default;
  PackedWeights& operator=(PackedWeights&&) = default;

  /// Null when weights are to be packed in memory.
  const std::shared_ptr<const PackedFile>& file() const { return file_; }

 private:
  std::shared_ptr<const PackedFile> file_;
  std::jthread finishing_;
};

/// The matrices of a plan that a packed file holds: of block floats, each once.
std::vector<PlannedTensor> packed_tensors(const std::vector<PlannedTensor>& planned);

/// The file's key and name: "<fingerprint>-<16 hex digits>".
std::string packed_key(const std::string& fingerprint, const std::vector<PackedEntry>& entries);

}  // namespace ttx
