// SPDX-License-Identifier: Apache-2.0
#include "ccl/selected_mesh.hpp"

#include <cstddef>
#include <set>
#include <vector>

#include <fmt/format.h>

#include "ccl/mesh_graph_descriptor.pb.h"
#include "runtime/error.hpp"

namespace ttx::ccl {

namespace {

constexpr const char* kOp = "mesh graph descriptor";
constexpr int kMaxDim = 1024;

/// Texts of the file, fit for a line of the log.
std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", printable(text)); }

/// The file's checks: every message begins with the file and the place in it.
class Reader {
 public:
  Reader(const mesh_graph::File& message, const std::string& file, std::span<const SkippedField> skipped)
      : message_(message), file_(file), skipped_(skipped) {}

  MeshGraphDescriptor selected() const {
    check(message_.mesh_descriptors_size() > 0, fmt::format("no mesh_descriptors{}", hint("File")));
    std::set<std::string> names;
    std::vector<MeshGraphDescriptor> meshes;
    for (int i = 0; i < message_.mesh_descriptors_size(); ++i) {
      meshes.push_back(mesh(message_.mesh_descriptors(i), i));
      check(names.insert(meshes.back().name).second,
            fmt::format("mesh_descriptors[{}]: the name {} is taken, expected another", i,
                        in_quotes(meshes.back().name)));
    }
    check_graph_names();
    check(message_.has_top_level_instance(), fmt::format("no top_level_instance{}", hint("File")));
    const std::string name = selected_name(message_.top_level_instance());
    for (const MeshGraphDescriptor& mesh : meshes) {
      if (mesh.name == name) {
        return mesh;
      }
    }
    fail(fmt::format("top_level_instance selects the mesh {}, expected one of mesh_descriptors",
                     in_quotes(name)));
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    TTX_FAIL_AS(ExitCode::kMesh, kOp, "{}: {}", file_, what);
  }
  void check(bool condition, const std::string& what) const {
    if (!condition) {
      fail(what);
    }
  }

  /// A missing field may be a misspelt one: what was skipped in messages of that type.
  std::string hint(std::string_view type) const {
    std::string text;
    for (const SkippedField& field : skipped_) {
      if (field.message == type && text.size() < 200) {
        text +=
            fmt::format("{}\"{}\" in line {}", text.empty() ? "; unknown: " : ", ", field.name, field.line);
      }
    }
    return text;
  }

  template <class Dims>
  MeshShape shape(const Dims& dims, const std::string& where) const {
    check(dims.size() == 2, fmt::format("{}: got {} dims, expected rows and columns", where, dims.size()));
    for (const int dim : dims) {
      check(dim >= 1 && dim <= kMaxDim,
            fmt::format("{}: got [{}], expected dims of 1 to {}", where, fmt::join(dims, ", "), kMaxDim));
    }
    return {dims[0], dims[1]};
  }

  MeshGraphDescriptor mesh(const mesh_graph::MeshDescriptor& from, int index) const {
    check(!from.name().empty(),
          fmt::format("mesh_descriptors[{}]: no name{}", index, hint("MeshDescriptor")));
    const std::string where = "mesh " + in_quotes(from.name());
    MeshGraphDescriptor mesh;
    mesh.file = file_;
    mesh.name = from.name();
    check(from.arch() == mesh_graph::WORMHOLE_B0,
          fmt::format("{}: arch: got {}, expected WORMHOLE_B0, the only chip that ttx plays{}", where,
                      name_of(from.arch()), hint("MeshDescriptor")));
    mesh.arch = "WORMHOLE_B0";

    check(from.has_device_topology(), fmt::format("{}: no device_topology{}", where, hint("MeshDescriptor")));
    mesh.devices = shape(from.device_topology().dims(), where + ": device_topology");
    check_types(from.device_topology().types(), where);
    check_types(from.device_topology().dim_types(), where);

    check(from.has_host_topology(), fmt::format("{}: no host_topology{}", where, hint("MeshDescriptor")));
    mesh.hosts = shape(from.host_topology().dims(), where + ": host_topology");
    check(mesh.devices.rows % mesh.hosts.rows == 0 && mesh.devices.cols % mesh.hosts.cols == 0,
          fmt::format("{}: host_topology {} does not divide device_topology {}, expected an equal block of "
                      "devices per host",
                      where, mesh.hosts.to_string(), mesh.devices.to_string()));

    check(from.has_channels(), fmt::format("{}: no channels{}", where, hint("MeshDescriptor")));
    const mesh_graph::Channels& channels = from.channels();
    check(channels.count() >= 1,
          fmt::format("{}: channels: got a count of {}, expected at least 1", where, channels.count()));
    mesh.links = channels.count();
    const bool relaxed = channels.policy() == mesh_graph::Channels::RELAXED;
    check(!channels.has_policy() || relaxed || channels.policy() == mesh_graph::Channels::STRICT,
          fmt::format("{}: channels: got the policy {}, expected STRICT or RELAXED", where,
                      static_cast<int>(channels.policy())));
    mesh.strict = !relaxed;
    return mesh;
  }

  static std::string name_of(mesh_graph::Architecture arch) {
    const std::string& name = mesh_graph::Architecture_Name(arch);
    return name.empty() ? std::to_string(static_cast<int>(arch)) : name;
  }

  template <class Types>
  void check_types(const Types& types, const std::string& where) const {
    check(types.empty() || types.size() == 2,
          fmt::format("{}: device_topology: got {} dim types, expected one per dim", where, types.size()));
    for (const int type : types) {
      check(type == mesh_graph::TorusTopology::LINE || type == mesh_graph::TorusTopology::RING,
            fmt::format("{}: device_topology: got the dim type {}, expected LINE or RING", where, type));
    }
  }

  /// Of the mesh that the top-level instance is or has in it.
  std::string selected_name(const mesh_graph::NodeRef& top) const {
    switch (top.node_case()) {
      case mesh_graph::NodeRef::kMesh:
        check(!top.mesh().has_device_id(),
              "top_level_instance names one device of a mesh, expected the whole mesh");
        return top.mesh().mesh_descriptor();
      case mesh_graph::NodeRef::kGraph:
        return mesh_of(graph(top.graph().graph_descriptor()));
      default:
        fail(fmt::format("top_level_instance is {}, expected a mesh or a graph",
                         top.has_switch_() ? "a switch" : "empty"));
    }
  }

  void check_graph_names() const {
    std::set<std::string> names;
    for (const mesh_graph::GraphDescriptor& graph : message_.graph_descriptors()) {
      check(
          names.insert(graph.name()).second,
          fmt::format("graph_descriptors: the name {} is taken, expected another", in_quotes(graph.name())));
    }
  }

  const mesh_graph::GraphDescriptor& graph(const std::string& name) const {
    for (const mesh_graph::GraphDescriptor& graph : message_.graph_descriptors()) {
      if (graph.name() == name) {
        return graph;
      }
    }
    fail(fmt::format("top_level_instance selects the graph {}, expected one of graph_descriptors",
                     in_quotes(name)));
  }

  std::string mesh_of(const mesh_graph::GraphDescriptor& graph) const {
    const std::string where = "graph " + in_quotes(graph.name());
    check(graph.type() == "FABRIC",
          fmt::format("{}: got the type {}, expected \"FABRIC\"", where, in_quotes(graph.type())));
    std::string name;
    int meshes = 0;
    for (const mesh_graph::NodeRef& node : graph.instances()) {
      check(!node.has_graph(), fmt::format("{}: has a graph in it, expected meshes", where));
      if (node.has_mesh()) {
        name = node.mesh().mesh_descriptor();
        ++meshes;
      }
    }
    check(meshes == 1, fmt::format("{}: has {} meshes in it, expected one: ttx runs a single mesh; make that "
                                   "mesh the top_level_instance",
                                   where, meshes));
    return name;
  }

  const mesh_graph::File& message_;
  const std::string& file_;
  std::span<const SkippedField> skipped_;
};

}  // namespace

MeshGraphDescriptor selected_mesh(const mesh_graph::File& message, const std::string& file,
                                  std::span<const SkippedField> skipped) {
  return Reader(message, file, skipped).selected();
}

}  // namespace ttx::ccl
