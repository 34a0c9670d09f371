// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_graph_descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <vector>

#include "ccl/mesh_graph_descriptor.pb.h"
#include "ccl/selected_mesh.hpp"
#include "ccl/text_message.hpp"
#include "runtime/error.hpp"

namespace ttx {

namespace fs = std::filesystem;

namespace {

constexpr const char* kOp = "mesh graph descriptor";
constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::string read_text(const fs::path& file) {
  std::error_code error;
  const fs::file_status status = fs::status(file, error);
  TTX_CHECK_AS(fs::exists(status), ExitCode::kMesh, kOp, "{}: {}", file.string(), error.message());
  TTX_CHECK_AS(fs::is_regular_file(status), ExitCode::kMesh, kOp, "{}: got a {}, expected a file",
               file.string(), fs::is_directory(status) ? "folder" : "device or pipe");
  std::ifstream stream(file, std::ios::binary);
  TTX_CHECK_AS(stream.is_open(), ExitCode::kMesh, kOp, "{}: cannot be opened: {}", file.string(),
               std::strerror(errno));
  std::string text(kMaxBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  TTX_CHECK_AS(!stream.bad(), ExitCode::kMesh, kOp, "{}: cannot be read: {}", file.string(),
               std::strerror(errno));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  TTX_CHECK_AS(text.size() <= kMaxBytes, ExitCode::kMesh, kOp,
               "{}: got more than 1 MiB, expected a few lines", file.string());
  return text;
}

/// Whether the text has a top-level key that only the form of old has.
bool is_yaml(std::string_view text) {
  static constexpr std::string_view kKeys[] = {"ChipSpec:", "Board:", "Mesh:", "Graph:", "RelaxedGraph:"};
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (std::any_of(std::begin(kKeys), std::end(kKeys),
                    [&](std::string_view key) { return line.starts_with(key); })) {
      return true;
    }
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return false;
}

}  // namespace

MeshGraphDescriptor parse_mesh_graph_descriptor(std::string_view text, const std::string& file) {
  TTX_CHECK_AS(!is_yaml(text), ExitCode::kMesh, kOp,
               "{}: got the YAML form of old, expected the text form of a protobuf MeshGraphDescriptor "
               "(.textproto); tt-metal has both of each system",
               file);
  mesh_graph::File message;
  const std::vector<ccl::SkippedField> skipped = ccl::parse_text_message(text, file, message);
  return ccl::selected_mesh(message, file, skipped);
}

MeshGraphDescriptor read_mesh_graph_descriptor(const fs::path& file) {
  return parse_mesh_graph_descriptor(read_text(file), file.string());
}

}  // namespace ttx
