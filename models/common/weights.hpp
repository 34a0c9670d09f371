// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "ccl/mesh_device.hpp"
#include "runtime/tensor.hpp"

namespace ttx::hf {
class Checkpoint;
}

namespace ttx {

/// Told on the way through a load: a stage ("Loading embeddings...") or a tensor that is now on the device.
struct LoadObserver {
  std::function<void(std::string_view stage)> stage;
  std::function<void(std::int64_t checkpoint_bytes)> loaded;
};

/// The one checked door through which weights come from a checkpoint onto the devices. Each line of a model's
/// load names a tensor, the shape it must have in the file, and how it lies on the mesh. Source pages are
/// given back once packed. Throws Error(kCheckpoint) that names the tensor when it is missing or has another
/// shape.
class Weights {
 public:
  Weights(const hf::Checkpoint& checkpoint, MeshDevice& mesh, LoadObserver observer);

  /// A linear [out, in] of the checkpoint cut by output columns: [1, 1, in, out/tp].
  Tensor column_parallel(const std::string& name, std::int64_t out, std::int64_t in) const;
  /// A linear [out, in] cut by input rows: [1, 1, in/tp, out]. linear() of it is a Partial that all_reduce
  /// sums.
  Tensor row_parallel(const std::string& name, std::int64_t out, std::int64_t in) const;
  /// A norm weight [size] on every device: [1, 1, 1, size].
  Tensor replicated(const std::string& name, std::int64_t size) const;
  /// An embedding table [V, H] on every device, ROW_MAJOR: used where the file maps it, one copy per host.
  Tensor embedding(const std::string& name, std::int64_t rows, std::int64_t width) const;

  void stage(std::string_view text) const;
  MeshDevice& mesh() const { return mesh_; }

 private:
  Tensor linear_weight(const std::string& name, std::int64_t out, std::int64_t in, int dim) const;

  const hf::Checkpoint& checkpoint_;
  MeshDevice& mesh_;
  LoadObserver observer_;
};

}  // namespace ttx
