// SPDX-License-Identifier: Apache-2.0
#include "models/common/token_ids.hpp"

#include <utility>
#include <vector>

#include "ccl/mesh_mapper.hpp"

namespace ttx {

Tensor token_ids(std::span<const std::int32_t> ids, MeshDevice& mesh) {
  std::vector<std::uint32_t> values(ids.begin(), ids.end());
  const Shape shape{1, 1, 1, static_cast<std::int64_t>(values.size())};
  return from_host(HostTensor::from("token ids", shape, std::move(values)), ReplicateTensorToMesh(mesh),
                   {.dtype = DataType::UINT32, .layout = Layout::ROW_MAJOR, .use = MemoryUse::kActivations});
}

}  // namespace ttx
