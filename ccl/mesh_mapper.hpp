// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ccl/mesh_device.hpp"
#include "runtime/tensor.hpp"

namespace ttx {

/// How from_host spreads a host tensor over the mesh. Every rank passes the same host tensor (mapped, so one
/// copy) and takes its own piece: nothing is sent.
class MeshMapper {
 public:
  enum class Kind { kReplicate, kShard };
  MeshMapper(MeshDevice& mesh, Kind kind, int dim) : mesh_(&mesh), kind_(kind), dim_(dim) {}
  MeshDevice& mesh() const { return *mesh_; }
  Kind kind() const { return kind_; }
  int dim() const { return dim_; }

 private:
  MeshDevice* mesh_;
  Kind kind_;
  int dim_;
};

/// The same tensor on every device.
MeshMapper ReplicateTensorToMesh(MeshDevice& mesh);
/// Consecutive pieces of `dim` (of the rank-4 shape, negative from the end), piece i on line device i, cut by
/// the shard plan.
MeshMapper ShardTensorToMesh(MeshDevice& mesh, int dim);

struct FromHost {
  DataType dtype = DataType::BFLOAT16;
  Layout layout = Layout::TILE;
  MemoryUse use = MemoryUse::kWeights;
};

/// TTNN's from_torch. A transposed matrix becomes a packed linear weight; see runtime/tensor.hpp, upload.
/// Shapes of lower rank are extended by leading ones before `dim` is read. Throws Error, on every rank alike,
/// when the tensor cannot be cut.
Tensor from_host(const HostTensor& host, const MeshMapper& mapper, FromHost how = {});

/// How to_host puts the pieces together again.
class MeshComposer {
 public:
  MeshComposer(MeshDevice& mesh, int dim) : mesh_(&mesh), dim_(dim) {}
  MeshDevice& mesh() const { return *mesh_; }
  int dim() const { return dim_; }

 private:
  MeshDevice* mesh_;
  int dim_;
};

/// Concatenates the pieces of all devices on `dim`, in line order. Of a replicated tensor it gives as many
/// copies.
MeshComposer ConcatMeshToTensor(MeshDevice& mesh, int dim);

/// TTNN's to_torch: collective over the line; device 0 gets the global tensor on its host (BFLOAT16 widened
/// to FLOAT32), the others an empty one.
HostTensor to_host(const Tensor& tensor, const MeshComposer& composer);

}  // namespace ttx
