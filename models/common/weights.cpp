// SPDX-License-Identifier: Apache-2.0
#include "models/common/weights.hpp"

#include <utility>

#include "ccl/mesh_mapper.hpp"
#include "models/hf/checkpoint.hpp"

namespace ttx {

Weights::Weights(const hf::Checkpoint& checkpoint, MeshDevice& mesh, LoadObserver observer)
    : checkpoint_(checkpoint), mesh_(mesh), observer_(std::move(observer)) {}

Tensor Weights::linear_weight(const std::string& name, std::int64_t out, std::int64_t in, int dim) const {
  const HostTensor host = checkpoint_.tensor(name, {out, in});
  Tensor weight = from_host(host.transposed(), ShardTensorToMesh(mesh_, dim));
  checkpoint_.release(host);
  if (observer_.loaded) {
    observer_.loaded(static_cast<std::int64_t>(host.bytes().size()));
  }
  return weight.set_name(name);
}

Tensor Weights::column_parallel(const std::string& name, std::int64_t out, std::int64_t in) const {
  return linear_weight(name, out, in, 3);
}

Tensor Weights::row_parallel(const std::string& name, std::int64_t out, std::int64_t in) const {
  return linear_weight(name, out, in, 2);
}

Tensor Weights::replicated(const std::string& name, std::int64_t size) const {
  const HostTensor host = checkpoint_.tensor(name, {size});
  return from_host(host, ReplicateTensorToMesh(mesh_)).set_name(name);
}

Tensor Weights::embedding(const std::string& name, std::int64_t rows, std::int64_t width) const {
  const HostTensor host = checkpoint_.tensor(name, {rows, width});
  return from_host(host, ReplicateTensorToMesh(mesh_), {.layout = Layout::ROW_MAJOR}).set_name(name);
}

void Weights::stage(std::string_view text) const {
  if (observer_.stage) {
    observer_.stage(text);
  }
}

}  // namespace ttx
