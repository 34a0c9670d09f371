// SPDX-License-Identifier: Apache-2.0
#include "ccl/mesh_mapper.hpp"

#include <string>

#include "runtime/error.hpp"

namespace ttx {
namespace {

constexpr int kTensorRank = 4;
constexpr int kRowsOfWeight = 2;  // K of a [1, 1, K, N] linear weight

/// The sizes with leading ones to rank 4.
Shape extended(const HostTensor& host) {
  const Shape& shape = host.shape();
  TTX_CHECK(shape.rank() <= kTensorRank, "from_host", "too many dims: got '{}' {}, expected at most {}",
            host.name(), shape.to_string(), kTensorRank);
  Shape result{1, 1, 1, 1};
  for (int dim = 0; dim < shape.rank(); ++dim) {
    result = result.with(kTensorRank - shape.rank() + dim, shape[dim]);
  }
  return result;
}

}  // namespace

MeshMapper ReplicateTensorToMesh(MeshDevice& mesh) { return {mesh, MeshMapper::Kind::kReplicate, 0}; }

MeshMapper ShardTensorToMesh(MeshDevice& mesh, int dim) {
  return {mesh, MeshMapper::Kind::kShard, normalize_dim(dim, kTensorRank, "ShardTensorToMesh")};
}

MeshComposer ConcatMeshToTensor(MeshDevice& mesh, int dim) { return {mesh, dim}; }

Tensor from_host(const HostTensor& host, const MeshMapper& mapper, FromHost how) {
  TTX_CHECK(!host.empty(), "from_host", "host tensor is empty: got '{}' {}, expected values", host.name(),
            host.shape().to_string());
  const Shape shape = extended(host);
  MeshDevice& mesh = mapper.mesh();
  Upload upload_how;
  upload_how.dtype = how.dtype;
  upload_how.layout = how.layout;
  upload_how.use = how.use;
  upload_how.sum_blocks.end[0] = shape[kRowsOfWeight];
  if (mapper.kind() == MeshMapper::Kind::kShard) {
    const int dim = mapper.dim();
    const std::string what =
        "dim " + std::to_string(dim) + " of '" + host.name() + "' " + host.shape().to_string();
    upload_how.placement = Placement::sharded(dim);
    upload_how.piece = mesh.plan().piece(shape[dim], mesh.line_index(), what);
    if (host.is_transposed() && dim == kRowsOfWeight) {
      upload_how.sum_blocks = mesh.plan().sum_blocks(shape[dim], mesh.line_index(), what);
    }
  }
  return upload(mesh, host, upload_how);
}

}  // namespace ttx
