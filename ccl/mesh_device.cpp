// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_device.hpp"

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "ccl/environment.hpp"
#include "ccl/line_order.hpp"
#include "ccl/transport.hpp"
#include "runtime/error.hpp"
#include "runtime/log.hpp"

namespace ttx {
namespace {

std::string plural(int count, const char* noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

ccl::Communicator line_of(const ccl::Communicator& world) {
  const std::vector<std::string> hosts = world.host_names();
  if (ccl::count_hosts(hosts) == 1) {
    return world.line();
  }
  log::info("the line of devices: {}", ccl::describe_line(hosts));
  return world.line(ccl::line_order(hosts));
}

void check_shape(MeshShape shape) {
  TTX_CHECK_AS(shape.rows >= 1 && shape.cols >= 1, ExitCode::kMesh, "mesh",
               "a mesh has at least one row and one column: got {}", shape.to_string());
}

}  // namespace

MeshDevice::MeshDevice(MeshShape shape, ccl::Communicator line, MeshSystem system, int threads,
                       ccl::TransportKind transport)
    : Device(system.profile(), threads),
      shape_(shape),
      line_(std::move(line)),
      system_(std::move(system)),
      plan_(shape.devices()) {
  TTX_CHECK_AS(line_.size() == shape_.devices(), ExitCode::kMesh, "mesh",
               "the line does not fit the mesh: got {}, expected {} for a {} mesh",
               plural(line_.size(), "rank"), shape_.devices(), shape_.to_string());
  TTX_CHECK_AS(std::ssize(system_.device_ids) == shape_.devices(), ExitCode::kMesh, "mesh",
               "the system does not fit the mesh: got {}, expected {} for a {} mesh",
               plural(static_cast<int>(system_.device_ids.size()), "device id"), shape_.devices(),
               shape_.to_string());
  transport_ = ccl::open_transport(transport, line_);
}

MeshDevice::~MeshDevice() = default;

std::unique_ptr<ccl::Transport> MeshDevice::exchange_transport(std::unique_ptr<ccl::Transport> transport) {
  std::swap(transport_, transport);
  return transport;
}

MeshCoord MeshDevice::coord() const { return {line_index() / shape_.cols, line_index() % shape_.cols}; }

MeshDevice& MeshDevice::of(const Tensor& tensor) {
  auto* mesh = dynamic_cast<MeshDevice*>(&tensor.device());
  TTX_CHECK(mesh != nullptr, "mesh",
            "tensor does not lie on a mesh: got {} on a single device, expected one of open_mesh_device",
            tensor.describe());
  return *mesh;
}

std::shared_ptr<MeshDevice> open_mesh_device(const ccl::Communicator& world, MeshShape shape, int threads,
                                             ccl::TransportKind transport) {
  check_shape(shape);
  return open_mesh_device(world, shape, MeshSystem::of(shape), threads, transport);
}

std::shared_ptr<MeshDevice> open_mesh_device(const ccl::Communicator& world, MeshShape shape,
                                             const MeshSystem& system, int threads,
                                             ccl::TransportKind transport) {
  check_shape(shape);
  const int devices = shape.devices();
  TTX_CHECK_AS(world.size() == devices, ExitCode::kMesh, "mesh",
               "the model wants a {} mesh, {}: got {}, expected {}; start it with: {} {} ...",
               shape.to_string(), plural(devices, "device"), plural(world.size(), "rank"), devices,
               ccl::mpirun_command(devices), program_invocation_short_name);
  return std::make_shared<MeshDevice>(shape, line_of(world), system, threads, transport);
}

}  // namespace ttx
