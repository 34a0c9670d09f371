// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "ccl/communicator.hpp"
#include "ccl/mesh_system.hpp"
#include "ccl/transport_kind.hpp"
#include "runtime/device.hpp"
#include "runtime/shard_plan.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

namespace ccl {
class Transport;
}

/// The place of a device in its mesh. Line index = row * cols + col.
struct MeshCoord {
  int row = 0;
  int col = 0;
  friend bool operator==(const MeshCoord&, const MeshCoord&) = default;
};

/// This process's device and its line of fellow devices, in row-major order over the mesh.
class MeshDevice : public Device {
 public:
  /// Opens the transport, on all ranks of the line. Throws Error(kMesh) unless the line has shape.devices()
  /// ranks and the system a device id for each, and what ccl::open_transport throws.
  MeshDevice(MeshShape shape, ccl::Communicator line, MeshSystem system, int threads,
             ccl::TransportKind transport = ccl::TransportKind::kMpi);

  ~MeshDevice() override;

  MeshShape shape() const { return shape_; }
  int num_devices() const { return shape_.devices(); }
  int line_index() const { return line_.rank(); }
  MeshCoord coord() const;
  /// Of the system's devices, one for each position of the line.
  const std::vector<std::int32_t>& get_device_ids() const { return system_.device_ids; }
  const ShardPlan& plan() const { return plan_; }
  const ccl::Communicator& line() const { return line_; }
  /// What carries the collectives on tensors. For files of ccl/ only.
  ccl::Transport& transport() { return *transport_; }
  /// Puts another in its place, on all devices alike and between collectives, and gives it back: for
  /// measurements of what collectives cost.
  std::unique_ptr<ccl::Transport> exchange_transport(std::unique_ptr<ccl::Transport> transport);

  /// The mesh a tensor lies on. Throws Error when its device is not part of one.
  static MeshDevice& of(const Tensor& tensor);

 private:
  MeshShape shape_;
  ccl::Communicator line_;
  MeshSystem system_;
  ShardPlan plan_;
  std::unique_ptr<ccl::Transport> transport_;
};

/// Opens the mesh on all ranks of `world`. Throws Error(kMesh), on every rank alike, unless the world has
/// exactly shape.devices() ranks; the message names the command that would fit. The line keeps the ranks of a
/// host together (line_order.hpp): on one host it is the world in its order. Without a `system` it is that of
/// a mesh that stands alone. Throws what ccl::open_transport throws.
std::shared_ptr<MeshDevice> open_mesh_device(const ccl::Communicator& world, MeshShape shape, int threads = 1,
                                             ccl::TransportKind transport = ccl::TransportKind::kMpi);
std::shared_ptr<MeshDevice> open_mesh_device(const ccl::Communicator& world, MeshShape shape,
                                             const MeshSystem& system, int threads = 1,
                                             ccl::TransportKind transport = ccl::TransportKind::kMpi);

}  // namespace ttx
