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

}  // namespace

MeshDevice::MeshDevice(MeshShape shape, ccl::Communicator line, int threads, ccl::TransportKind transport)
    : Device(wormhole_profile(shape.devices()), threads),
      shape_(shape),
      line_(std::move(line)),
      plan_(shape.devices()) {
  TTX_CHECK_AS(line_.size() == shape_.devices(), ExitCode::kMesh, "mesh",
               "the line does not fit the mesh: got {}, expected {} for a {} mesh",
               plural(line_.size(), "rank"), shape_.devices(), shape_.to_string());
  transport_ = ccl::open_transport(transport, line_);
}

MeshDevice::~MeshDevice() = default;

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
  TTX_CHECK_AS(shape.rows >= 1 && shape.cols >= 1, ExitCode::kMesh, "mesh",
               "a mesh has at least one row and one column: got {}", shape.to_string());
  const int devices = shape.devices();
  TTX_CHECK_AS(world.size() == devices, ExitCode::kMesh, "mesh",
               "the model wants a {} mesh, {}: got {}, expected {}; start it with: {} {} ...",
               shape.to_string(), plural(devices, "device"), plural(world.size(), "rank"), devices,
               ccl::mpirun_command(devices), program_invocation_short_name);
  return std::make_shared<MeshDevice>(shape, line_of(world), threads, transport);
}

}  // namespace ttx
