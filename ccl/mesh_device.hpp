// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "ccl/communicator.hpp"
#include "ccl/scratch.hpp"
#include "runtime/device.hpp"
#include "runtime/shard_plan.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// The place of a device in its mesh. Line index = row * cols + col.
struct MeshCoord {
  int row = 0;
  int col = 0;
  friend bool operator==(const MeshCoord&, const MeshCoord&) = default;
};

/// This process's device and its line of fellow devices: ranks 0 .. rows*cols-1 in row-major order over the
/// mesh.
class MeshDevice : public Device {
 public:
  /// Throws Error(kMesh) unless the line has shape.devices() ranks.
  MeshDevice(MeshShape shape, ccl::Communicator line, int threads);

  MeshShape shape() const { return shape_; }
  int num_devices() const { return shape_.devices(); }
  int line_index() const { return line_.rank(); }
  MeshCoord coord() const;
  const ShardPlan& plan() const { return plan_; }
  const ccl::Communicator& line() const { return line_; }
  /// Where collectives put what they receive. For files of ccl/ only.
  ccl::Scratch& scratch() { return scratch_; }

  /// The mesh a tensor lies on. Throws Error when its device is not part of one.
  static MeshDevice& of(const Tensor& tensor);

 private:
  MeshShape shape_;
  ccl::Communicator line_;
  ShardPlan plan_;
  ccl::Scratch scratch_;
};

/// Opens the mesh on all ranks of `world`. Throws Error(kMesh), on every rank alike, unless the world has
/// exactly shape.devices() ranks; the message names the command that would fit.
std::shared_ptr<MeshDevice> open_mesh_device(const ccl::Communicator& world, MeshShape shape,
                                             int threads = 1);

}  // namespace ttx
